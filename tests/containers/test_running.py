"""docker-compose.yml, built and started: what holds while it runs."""

import json
import re
import ssl
import subprocess

import pytest
from stdnum.cn import uscc

from tests.containers.installation import HOST, LASTING, wait_for

pytestmark = pytest.mark.containers


def curl(server: str, path: str, times: int) -> tuple[str, ...]:
    """One process that asks that many times at once and prints each status; bodies too, unless an option keeps them."""
    address = f"https://{HOST}{path}?[1-{times}]"
    where = ("--resolve", f"{HOST}:443:{server}")
    return (
        "curl",
        "-skZ",
        "--no-progress-meter",
        "--parallel-max",
        "100",
        *where,
        "-w",
        "%{http_code}\n",
        address,
    )


def test_it_came_up_and_is_well(site):
    assert {service: site.health(service) for service in LASTING} == dict.fromkeys(LASTING, "healthy")
    well = site.ask("/healthz/")
    assert well.status == 200 and json.loads(well.body)["status"] == "ok"


def test_pages_come_with_their_style(site):
    page = site.ask("/")
    assert page.status == 200 and "信用修复" in page.text
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert files
    for file in files:
        answer = site.ask(file, headers={"Accept-Encoding": "gzip"})
        assert answer.status == 200 and "immutable" in answer.headers["Cache-Control"], file
    assert any(
        site.ask(file, headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
        for file in files
    )


def test_no_process_that_reads_what_comes_from_outside_is_root(site):
    for service, first_is_root in (("redis", False), ("postgres", False), ("nginx", True), ("web", False)):
        top = site.compose("top", service)
        lines = [line.split() for line in top.splitlines() if re.match(r"\S+\s+\d+\s", line)]
        # docker-init and the master of nginx only start and stop the others.
        working = [line for line in lines if "docker-init" not in " ".join(line)]
        if first_is_root:
            working = [line for line in working if "master" not in " ".join(line)]
        assert working and not [line for line in working if line[0] in ("root", "0")], top


def test_every_container_has_its_limits(site):
    for service in (*LASTING, "sandbox"):
        host = site.inspect(service)["HostConfig"]
        assert host["Memory"] > 0 and host["NanoCpus"] > 0 and host["PidsLimit"] > 0, service
        assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "10", "max-size": "20m"}}, (
            service
        )
        assert host["CapDrop"] == ["ALL"] and "no-new-privileges:true" in host["SecurityOpt"], service
        assert all("size=" in options for options in (host.get("Tmpfs") or {}).values()), service
    for service in ("web", "worker", "nginx"):
        assert site.inspect(service)["HostConfig"]["ReadonlyRootfs"], service


class TestRoles:
    def test_the_portal_is_no_superuser_and_owns_nothing(self, site):
        assert (
            site.sql("SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'portal'")
            == "f|f|f"
        )
        assert site.sql("SELECT count(*) FROM pg_tables WHERE tableowner = 'portal'") == "0"
        assert (
            site.sql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
            == "portal_owner"
        )

    @pytest.mark.parametrize(
        "statement",
        [
            "DROP TRIGGER append_only_rows ON ledger_event",
            "ALTER TABLE ledger_event DISABLE TRIGGER ALL",
            "SET session_replication_role = replica",
            "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "TRUNCATE ledger_event",
            "DROP TABLE ledger_event",
            "CREATE TABLE mine (x int)",
            "ALTER ROLE portal SUPERUSER",
        ],
    )
    def test_it_cannot_get_round_the_ledger_s_triggers(self, site, statement):
        assert "ERROR" in site.sql(statement, check=False)

    def test_the_superuser_does_not_come_in_over_the_network(self, site):
        password = site.value("POSTGRES_OWNER_PASSWORD")
        said = site.compose(
            *("exec", "-T", "--env", f"PGPASSWORD={password}", "postgres", "psql", "--host", "postgres"),
            *("--username", "postgres", "-c", "SELECT 1"),
            check=False,
        )
        assert "authentication failed" in said

    def test_a_database_from_before_there_were_two_roles(self, site):
        """Made as the first docker-compose.yml made it: one superuser, portal, to whom everything belongs."""
        image = site.inspect("postgres")["Config"]["Image"]
        mount = f"{site.folder}/deploy/postgres:/roles:ro"
        old = site.run(
            *(
                "docker",
                "run",
                "--detach",
                "--rm",
                "--env",
                "POSTGRES_USER=portal",
                "--env",
                "POSTGRES_PASSWORD=old",
            ),
            *("--env", "POSTGRES_DB=portal", "--env", "OWNER_PASSWORD=one", "--env", "PORTAL_PASSWORD=two"),
            *("--volume", mount, image),
        ).strip()

        def psql(role: str, statement: str, *, password: str | None = None, check: bool = True) -> str:
            door = [] if password is None else ["--host", address]
            return site.run(
                *("docker", "exec", "--env", f"PGPASSWORD={password or ''}", old, "psql", *door),
                *("-U", role, "-d", "portal", "-qAtc", statement),
                check=check,
            ).strip()

        try:
            wait_for(
                lambda: (
                    "accepting"
                    in site.run("docker", "exec", old, "pg_isready", "-h", "127.0.0.1", check=False)
                ),
                60,
                "PostgreSQL does not start",
            )
            address = site.run("docker", "inspect", "--format", "{{.NetworkSettings.IPAddress}}", old).strip()
            psql(
                "portal",
                "CREATE TABLE ledger_event (id int generated by default as identity); INSERT INTO ledger_event VALUES (1)",
            )
            psql(
                "portal",
                "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';"
                "CREATE TRIGGER rows BEFORE UPDATE OR DELETE ON ledger_event EXECUTE FUNCTION append_only()",
            )
            # Each time after a run that was broken off: before the old superuser was renamed, and after.
            for superuser in ("portal", "postgres"):
                psql(superuser, "CREATE ROLE renaming SUPERUSER LOGIN")
                site.run("docker", "exec", old, "/roles/roles.sh")
            assert psql("postgres", "SELECT rolname FROM pg_roles WHERE rolsuper") == "postgres"
            assert (
                psql(
                    "portal",
                    "INSERT INTO ledger_event DEFAULT VALUES; SELECT count(*) FROM ledger_event",
                    password="two",
                )
                == "2"
            )
            assert (
                psql("portal", "SELECT rolsuper FROM pg_roles WHERE rolname = 'portal'", password="two")
                == "f"
            )
            assert "must be owner" in psql(
                "portal", "DROP TRIGGER rows ON ledger_event", password="two", check=False
            )
            assert "must be owner" in psql(
                "portal", "DROP FUNCTION append_only() CASCADE", password="two", check=False
            )
            # What the owner makes later, the portal may use.
            psql("portal_owner", "CREATE TABLE later (id int)", password="one")
            assert (
                psql("portal", "INSERT INTO later VALUES (1); SELECT count(*) FROM later", password="two")
                == "1"
            )
            assert "authentication failed" in psql("portal", "SELECT 1", password="old", check=False)
        finally:
            site.run("docker", "rm", "--force", "--volumes", old)


class TestNginx:
    def test_it_redirects_to_its_own_name_alone(self, site):
        answer = site.ask("/guide/?x=1", scheme="http")
        assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/guide/?x=1")
        with pytest.raises(Exception, match=r"closed connection|reset"):
            site.ask("/", scheme="http", host="evil.example.test")

    def test_it_has_no_certificate_for_another_name(self, site):
        with pytest.raises(OSError, match=r"(?i)unrecognized|alert|reset"):
            site.ask("/", host="evil.example.test")

    def test_another_host_behind_the_right_certificate_gets_no_answer(self, site):
        with pytest.raises(Exception, match=r"closed connection|reset"):
            site.ask("/", headers={"Host": "evil.example.test"})

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_it_does_not_tell_its_version(self, site, scheme):
        assert site.ask("/", scheme=scheme).headers["Server"] == "nginx"

    @pytest.mark.parametrize(
        ("path", "megabytes"),
        [
            ("/", 1),
            ("/accounts/login/", 1),
            ("/subjects/claim/", 11),
            ("/v/", 21),
            ("/v/ABCD/", 1),
            ("/a/X/files/commitment/", 101),
            ("/a/X/correction/", 101),
            ("/a/X/contact/", 1),
            ("/objections/X/", 101),
            ("/admin/records/importbatch/import/", 101),
            ("/admin/policies/implementingrules/new/", 11),
            ("/admin/records/importbatch/", 1),
            ("/admin/calendars/localclosure/add/", 2),
            ("/admin/x/", 1),
        ],
    )
    def test_a_body_above_the_form_s_limit_is_refused_before_it_is_stored(self, site, path, megabytes):
        form = {
            "Content-Type": "multipart/form-data; boundary=x",
            "Content-Length": str(megabytes * 2**20 + 1),
        }
        refused = site.ask(path, "POST", headers=form)
        assert refused.status == 413 and "文件过大" in refused.text
        assert refused.headers["Content-Type"] == "text/html; charset=utf-8"

    @pytest.mark.parametrize(("path", "megabytes"), [("/subjects/claim/", 11), ("/v/", 21)])
    def test_a_body_within_it_reaches_the_portal(self, site, path, megabytes):
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
        body = head + b" " * (megabytes * 2**20 - 200) + b"\r\n--x--\r\n"
        answer = site.ask(
            path, "POST", body=body, headers={"Content-Type": "multipart/form-data; boundary=x"}
        )
        assert answer.status in (302, 403, 404), answer.text[:300]

    @pytest.mark.parametrize(
        ("path", "length", "admitted"),
        [("/a/X/correction/", 50 * 10**6, 2), ("/subjects/claim/", 5 * 10**6, 16), ("/admin/x/", 900, 64)],
    )
    def test_who_sends_too_much_at_once_is_told_so_and_has_not_the_whole_disk(
        self, site, path, length, admitted
    ):
        """Posts that begin and go on slowly, all from one visitor; those after the last that fits are refused at once."""
        with site.slow_posts(path, length, admitted) as posts:
            refused = site.ask(path, "POST", headers={"Content-Length": str(length)})
            assert refused.status == 503 and "没有收到，也没有保存" in refused.text
            assert refused.headers["Retry-After"] == "30"
            # Who only looks is not held up.
            assert site.ask("/").status == 200
            # The others were let in, and still are waited for.
            for post in posts:
                post.setblocking(False)
                with pytest.raises(ssl.SSLWantReadError):
                    post.recv(1)

    @pytest.mark.parametrize("method", ["GET", "PUT"])
    def test_no_body_comes_by_another_way_than_a_form(self, site, method):
        refused = site.ask("/a/X/correction/", method, headers={"Content-Length": str(10**6)})
        assert refused.status == 413

    def test_too_many_requests_are_refused_in_chinese_and_style_sheets_are_not_counted(self, site):
        style = re.search(r'href="(/static/[^"]+\.css)"', site.ask("/").text).group(1)

        def ask(path: str, *options: str) -> str:
            """As a visitor of this one address, 400 times at once."""
            return site.compose("exec", "-T", "nginx", *curl("127.0.0.1", path, 400), *options)

        assert set(ask(style, "-o", "/dev/null").split()) == {"200"}
        answers = ask("/livez/")
        assert "429" in answers and "访问过于频繁" in answers and "Service Temporarily" not in answers

    def test_an_ipv6_visitor_is_counted_by_the_64_bits_of_the_network(self, site):
        pid = str(site.inspect("nginx")["State"]["Pid"])

        def inside(*command: str) -> str:
            return site.run("nsenter", "--target", pid, "--net", *command)

        def ask(address: str, times: int) -> set[str]:
            options = ("--interface", address, "-o", "/dev/null")
            return set(inside(*curl(f"[{networks[0]}::a]", "/livez/", times), *options).split())

        inside("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.lo.disable_ipv6=0")
        networks = ("fd00:1:1:1", "fd00:1:1:2")
        addresses = [f"{network}::{host}/128" for network in networks for host in "abc"]
        for address in addresses:
            inside("ip", "address", "add", address, "dev", "lo")
        try:
            assert "429" in ask(f"{networks[0]}::b", 400)
            # Another address of the same network has to wait as well; another network has its own count.
            assert "429" in ask(f"{networks[0]}::c", 100)
            # No more than a network may ask at the same time.
            assert ask(f"{networks[1]}::b", 40) == {"204"}
        finally:
            for address in addresses:
                inside("ip", "address", "del", address, "dev", "lo")

    def test_a_renewed_certificate_needs_a_reload_and_no_restart(self, site):
        def serial() -> str:
            script = f"openssl s_client -connect 127.0.0.1:{site.https} -servername {HOST} </dev/null 2>/dev/null | openssl x509 -noout -serial"
            return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout

        before = serial()
        site.new_certificate()
        site.compose("exec", "-T", "nginx", "nginx", "-s", "reload")
        wait_for(lambda: serial() != before, 10, "nginx still serves the old certificate")


def test_the_logs_name_pages_and_the_visitor_but_nothing_secret(site):
    code, number, key = "K7WRONGCODE2345X", "320102199001011234", "Mq-d4f6sw-secretkey"
    for path in (
        f"/search/?name=张三&number={number}",
        f"/v/{code}/",
        f"/accounts/password/reset/key/{key}/",
        f"/accounts/confirm-email/{key}/",
        f"/track/?number={number}",
        f"/{number}",
        f"/check/result/?answers={key}",
    ):
        site.ask(
            path.replace("张三", "%E5%BC%A0"), headers={"Referer": f"https://{HOST}/search/?number={number}"}
        )
    site.ask(f"/v/{code}/?x={number}", "POST", body=b"a=b")
    web, nginx = site.logs("web"), site.logs("nginx")
    for secret in (code, number, key, "%E5%BC%A0"):
        assert secret not in web + nginx
    assert '"GET /v/<str:code>/ ' in web and " GET /v/ " in nginx
    (*_, at_web) = re.findall(r'^(\S+) - .*"GET /search/ ', web, re.MULTILINE)
    (*_, at_nginx) = re.findall(r"^(\S+) \[.* GET /search/ ", nginx, re.MULTILINE)
    assert at_web == at_nginx
    # Not the proxy's own.
    assert at_web not in {
        each["IPAddress"] for each in site.inspect("nginx")["NetworkSettings"]["Networks"].values()
    }


def test_the_sample_province_is_refused(site):
    said = site.manage("load_sample", check=False)
    assert "没有装载示例省份" in said
    assert site.sql("SELECT count(*) FROM organs_organ WHERE code = 'nj-scjg'") == "0"


def test_the_first_administrator_gets_the_invitation(site):
    code = "12321100000099999"
    arguments = (
        "create_installation",
        *("--organ-code", "zj-xyzx", "--organ-name", "镇江市公共信用信息中心", "--region", "321100"),
        *("--prefix", "镇信", "--uscc", code + uscc.calc_check_digit(code)),
        *("--name", "陈安全", "--email", "chen@zj.example.cn"),
    )
    said = site.manage(*arguments)
    assert "已建立" in said and "已交给邮件服务器，收件人 chen@zj.example.cn" in said
    said = site.manage(*arguments)
    assert "已存在，没有变化" in said and "没有邮件等待发送" in said
    letters = site.compose("exec", "-T", "mail", "sh", "-c", "cat /tmp/mails/*")
    assert letters.count("To: chen@zj.example.cn") == 1
    # Now there are events, and the portal cannot change them.
    assert "written once" in site.sql("UPDATE ledger_event SET verb = 'x'", check=False)
