"""The picture of an organ's seal: two people put it into effect and out of use, letters issued from then on bear it, those
before stay as they are, and nothing calls it a signature."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from PIL import Image
from pypdf import PdfReader

from applications.accounts.four_eyes import NotProposed
from applications.accounts.models import Role
from applications.documents import seal_pictures
from applications.documents.models import Document, Kind, SealPicture
from applications.documents.rendering import render_draft, render_html, render_pdf
from applications.documents.services import render_document
from applications.ledger.models import Event
from applications.notifications.models import Message
from rules.errors import InputError
from tests.documents.conftest import ISSUED
from tests.documents.contents import OWN
from tests.documents.seals import CLEAR, encoded, seal, upload
from tests.documents.test_letters import text_of
from tests.fixtures import make_user, moment

AT = moment("2026-12-01 09:00")


@pytest.fixture
def keeper(market_bureau):
    return make_user("keeper@example.com", "印信", market_bureau, Role.APPROVER)


@pytest.fixture
def head(market_bureau):
    return make_user("head@example.com", "郑局", market_bureau, Role.SUPERVISOR)


@pytest.fixture
def proposal(keeper, head):
    return seal_pictures.propose_seal(picture=upload(seal()), millimetres=42, actor=keeper, at=AT)


@pytest.fixture
def in_use(proposal, head):
    return seal_pictures.approve_seal(proposal=proposal, actor=head, at=AT)


def pictures(pdf: bytes) -> int:
    """How many different ones are in it that show through, as a seal does and the QR code does not."""
    images = [image for page in PdfReader(io.BytesIO(pdf)).pages for image in page.images]
    return len({image.name for image in images if "/SMask" in image.indirect_reference.get_object()})


class TestLetters:
    @pytest.mark.parametrize("kind", sorted(set(OWN) - {Kind.COMMITMENT}))
    def test_bear_it_from_the_approval_on_and_call_it_a_picture(self, issue, in_use, kind):
        letter = issue(kind)
        assert letter.content["seal"] == {"sha256": in_use.picture.sha256, "millimetres": 42}
        pdf = render_pdf(letter).pdf
        assert pictures(pdf) == 1
        text = text_of(pdf)
        assert "印章为图样，不是电子签名，以核验结果为准" in text
        # What the drawn mark says.
        assert "以核验为准" not in text

    def test_a_commitment_is_the_subjects_own(self, issue, in_use):
        letter = issue("commitment")
        assert "seal" not in letter.content and pictures(render_pdf(letter).pdf) == 0

    def test_those_issued_before_stay_as_they_are(self, issue, proposal, head):
        before = issue()
        pdf = render_pdf(before).pdf
        seal_pictures.approve_seal(proposal=proposal, actor=head, at=ISSUED + timedelta(minutes=1))
        assert render_pdf(Document.objects.get(pk=before.pk)).pdf == pdf
        assert "以核验为准" in text_of(pdf) and "印章为图样" not in text_of(pdf)

    def test_the_same_content_gives_the_same_bytes_when_another_picture_is_in_use(
        self, issue, in_use, keeper, head
    ):
        letter = issue()
        pdf = render_pdf(letter).pdf
        later = seal_pictures.propose_seal(
            picture=upload(seal(side=700)), millimetres=45, actor=keeper, at=AT
        )
        seal_pictures.approve_seal(proposal=later, actor=head, at=AT)
        assert later.picture.sha256 != in_use.picture.sha256
        assert render_pdf(Document.objects.get(pk=letter.pk)).pdf == pdf
        assert issue().content["seal"] == {"sha256": later.picture.sha256, "millimetres": 45}

    def test_it_is_as_wide_as_the_seal(self, issue, in_use):
        assert "--seal: 42mm" in render_html(issue())

    def test_a_preview_shows_it_pale(self, issue, in_use):
        letter = issue()
        assert pictures(render_draft(letter)) == 1
        assert 'class="seal draft"' in render_html(letter, draft=True)
        assert 'class="seal draft"' not in render_html(letter)

    def test_a_picture_that_was_exchanged_is_not_printed(self, issue, in_use):
        letter = issue()
        with in_use.picture.file.open("wb") as file:
            file.write(seal(side=500))
        with pytest.raises(seal_pictures.NoPicture):
            render_document(letter.pk, at=ISSUED)
        assert "is not what it was" in Document.objects.get(pk=letter.pk).render_error

    def test_the_page_that_verifies_calls_it_a_picture(self, client, issue, in_use):
        with_it = client.get(f"/v/{issue().verification_code}/").content.decode()
        assert "图样，不是电子签名" in with_it

    def test_another_organ_has_its_own(self, issue, in_use, ecology_bureau):
        assert "seal" not in issue(by=ecology_bureau).content


class TestOutOfUse:
    def test_two_withdraw_it_and_the_drawn_mark_is_back(self, issue, in_use, keeper, head):
        sealed = issue()
        gone = seal_pictures.propose_withdrawal(grounds="印章遗失", actor=keeper, at=AT)
        assert "seal" in issue().content, "nobody has approved it"
        seal_pictures.approve_seal(proposal=gone, actor=head, at=AT)
        letter = issue()
        assert "seal" not in letter.content and "以核验为准" in text_of(render_pdf(letter).pdf)
        assert pictures(render_pdf(sealed).pdf) == 1

    def test_an_organ_of_another_name_does_not_bear_the_old_one(self, issue, in_use, market_bureau):
        market_bureau.name = "南京市市场监管委员会"
        market_bureau.save()
        assert "seal" not in issue().content

    def test_what_was_proposed_under_another_name_is_not_approved(self, proposal, head, market_bureau):
        market_bureau.name = "南京市市场监管委员会"
        market_bureau.save()
        with pytest.raises(ValidationError, match="已更名为“南京市市场监管委员会”"):
            seal_pictures.approve_seal(proposal=SealPicture.objects.get(pk=proposal.pk), actor=head, at=AT)
        assert SealPicture.objects.get().state == "proposed"

    def test_there_is_nothing_to_withdraw(self, keeper):
        with pytest.raises(InputError, match="没有正在使用的印章图样"):
            seal_pictures.propose_withdrawal(grounds="印章遗失", actor=keeper, at=AT)

    def test_it_needs_a_reason(self, in_use, keeper):
        with pytest.raises(InputError, match="停用的原因"):
            seal_pictures.propose_withdrawal(grounds=" ", actor=keeper, at=AT)


class TestTwoPeople:
    def test_nobody_decides_alone_and_no_stranger(self, proposal, keeper, head, wang, ecology_bureau):
        far = make_user("far@example.com", "远方", ecology_bureau, Role.SUPERVISOR)
        for actor in (keeper, wang, far):
            with pytest.raises(PermissionDenied):
                seal_pictures.approve_seal(proposal=proposal, actor=actor, at=AT)
        seal_pictures.reject_seal(proposal=proposal, actor=head, reason="模糊", at=AT)
        own = seal_pictures.propose_seal(picture=upload(seal()), millimetres=42, actor=head, at=AT)
        with pytest.raises(PermissionDenied):
            seal_pictures.approve_seal(proposal=own, actor=head, at=AT)

    def test_the_same_waits_once(self, proposal, head):
        with pytest.raises(InputError, match="正等待复核，请先办理那一项"):
            seal_pictures.propose_seal(picture=upload(seal()), millimetres=42, actor=head, at=AT)

    def test_the_department_over_it_decides_on_what_the_head_proposes(self, head, credit_department):
        chief = make_user("chief@example.com", "钱处", credit_department, Role.SUPERVISOR)
        own = seal_pictures.propose_seal(picture=upload(seal()), millimetres=42, actor=head, at=AT)
        assert Message.objects.filter(recipient=chief, subject__contains="待复核").exists()
        assert seal_pictures.approve_seal(proposal=own, actor=chief, at=AT).decided_by == chief

    def test_who_may_not_propose(self, wang, credit_department, market_bureau):
        chief = make_user("chief@example.com", "钱处", credit_department, Role.SUPERVISOR)
        intake = make_user("intake@example.com", "受理", market_bureau, Role.INTAKE)
        for actor in (wang, chief, intake):
            with pytest.raises(PermissionDenied):
                seal_pictures.propose_seal(picture=upload(seal()), millimetres=42, actor=actor, at=AT)
            with pytest.raises(PermissionDenied):
                seal_pictures.propose_withdrawal(grounds="印章遗失", actor=actor, at=AT)

    def test_the_database_refuses_one_person_alone(self, proposal, keeper):
        with pytest.raises(IntegrityError, match="second_person"):
            SealPicture.objects.filter(pk=proposal.pk).update(
                state="approved", decided_by=keeper, decided_at=AT
            )

    def test_all_of_it_is_told_and_in_the_ledger(self, in_use, keeper, head):
        assert Message.objects.filter(recipient=head, subject__contains="待复核").exists()
        assert Message.objects.filter(recipient=keeper, subject__contains="已复核：启用").exists()
        gone = seal_pictures.propose_withdrawal(grounds="印章遗失", actor=head, at=AT)
        with pytest.raises(PermissionDenied):
            seal_pictures.reject_seal(proposal=gone, actor=keeper, reason="没有遗失", at=AT)
        with pytest.raises(NotProposed):
            seal_pictures.reject_seal(proposal=in_use, actor=head, reason="再看", at=AT)
        events = Event.objects.filter(chain="organ-nj-scjg", verb__startswith="seal.").order_by("pk")
        assert [(event.verb, event.actor) for event in events] == [
            ("seal.proposed", keeper),
            ("seal.approved", head),
            ("seal.withdrawal_proposed", head),
        ]
        assert events[1].payload["sha256"] == in_use.picture.sha256


class TestExamination:
    def test_a_good_one_is_cut_out_and_has_nothing_but_pixels(self, in_use):
        with in_use.picture.file.open("rb") as file:
            image = Image.open(io.BytesIO(file.read()))
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (500, 500))
        assert image.getchannel("A").getbbox() == (0, 0, 500, 500), "without the margin"

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (seal(paper=(255, 255, 255, 255)), "没有透明背景"),
            (seal(disc=True, side=500, margin=0), "没有透明背景"),
            (seal(height=500), "不是正圆：去掉四周的空白后宽600、高500像素"),
            (seal(side=300, margin=200), "太小：去掉四周的空白后只有300像素宽"),
            (seal(colour=(40, 40, 40, 255)), "不是红色的"),
            (encoded(Image.new("RGBA", (600, 600), CLEAR)), "是全透明的"),
            (seal(side=3100, margin=0), "过大（3100×3100像素"),
            (seal()[:2000], "不完整或已损坏"),
        ],
        ids=["white", "disc", "oval", "small", "black", "empty", "large", "broken"],
    )
    def test_another_one_is_refused_by_name_and_remedy(self, keeper, content, said):
        brought = SimpleUploadedFile("章.png", content)
        with pytest.raises(ValidationError) as refused:
            seal_pictures.propose_seal(picture=brought, millimetres=42, actor=keeper, at=AT)
        (told,) = refused.value.messages
        assert told.startswith("“章.png”") and said in told and told.endswith("上传。")
        assert not SealPicture.objects.exists()

    def test_it_has_to_be_a_png(self, keeper):
        photo = encoded(Image.open(io.BytesIO(seal())).convert("RGB"), "JPEG")
        with pytest.raises(ValidationError, match="不是 PNG 图片"):
            seal_pictures.propose_seal(
                picture=SimpleUploadedFile("章.jpg", photo), millimetres=42, actor=keeper, at=AT
            )

    @pytest.mark.parametrize("millimetres", [29, 61])
    def test_no_seal_is_so_wide(self, keeper, millimetres):
        with pytest.raises(InputError) as refused:
            seal_pictures.propose_seal(picture=upload(seal()), millimetres=millimetres, actor=keeper, at=AT)
        assert refused.value.path == "millimetres"
