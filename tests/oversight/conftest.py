from tests.policies.people import feng, province, zheng

__all__ = ["feng", "province", "zheng"]
