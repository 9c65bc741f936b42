"""The member, and where the member has belonged."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Final, cast

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from common.text import fold, search_terms
from membership.enums import AddressProtection, Category, Gender, MemberSource, MemberStatus
from membership.models.branch import Branch

CURRENT: tuple[str, ...] = (MemberStatus.MEMBER,)
# Those who have left on their own, and the dead: shown to nobody but those who put mistakes right, and soon erased.
# The party may keep whom it has expelled.
GONE: Final[tuple[str, ...]] = (MemberStatus.RESIGNED, MemberStatus.DECEASED)
ADULT: Final = 18
# From this age one joins on one's own; before it a guardian consents.
OWN_CONSENT: Final = 15
# More than anyone reads through; the first ones found are enough.
_MOST_SKILLED: Final = 2_000


def under_age(years: int, *, on: date, prefix: str = "") -> Q:
    """The condition that a member is younger than so many years, or may be so where only the year of birth is known.

    Whose age is unknown counts as grown up. `prefix` is the path to the member, such as `member__`.
    """
    try:
        last_grown = on.replace(year=on.year - years)
    except ValueError:
        # The 29th of February of a year that had none.
        last_grown = date(on.year - years, 2, 28)
    born_after = Q(**{f"{prefix}birth_on__gt": last_grown})
    by_year = Q(**{f"{prefix}birth_on__isnull": True, f"{prefix}birth_year__gte": on.year - years})
    return born_after | by_year


class MemberQuerySet(models.QuerySet["Member"]):
    """Reads of the register."""

    def shown(self) -> MemberQuerySet:
        """All but those who have left and wait to be erased."""
        return self.exclude(status__in=GONE)

    def gone(self) -> MemberQuerySet:
        """Those who have left and wait to be erased."""
        return self.filter(status__in=GONE)

    def current(self) -> MemberQuerySet:
        """Those who are members now."""
        return self.filter(status__in=CURRENT)

    def joined_between(self, start: date | None, end: date | None) -> MemberQuerySet:
        """Joined on or after `start` and on or before `end`; either may be open."""
        found = self
        if start:
            found = found.filter(joined_on__gte=start)
        return found.filter(joined_on__lte=end) if end else found

    def who_can(self, text: str) -> MemberQuerySet:
        """Those who can contribute with something: every word of `text` begins a word of their skills, accents off.

        Skills are part of `search_text`, whose index finds the candidates; a name that sounds alike is not one. No word
        finds nobody.
        """
        terms = [f" {term}" for term in search_terms(text)]
        if not terms:
            return self.none()
        found = self.exclude(skills="")
        for term in terms:
            found = found.filter(search_text__contains=term)
        rows = found.order_by("pk").values_list("pk", "skills")[:_MOST_SKILLED]
        return self.filter(pk__in=[pk for pk, skills in rows if all(term in f" {fold(skills)}" for term in terms)])

    def with_recruiter_text(self) -> MemberQuerySet:
        """Those whose recruiter somebody wrote down in words; written out, so that SQLite finds the partial index."""
        return cast("MemberQuerySet", self.extra(where=["NOT (membership_member.recruited_by_text = '')"]))

    def in_order(self) -> MemberQuerySet:
        """By last name, first name, in Norwegian order."""
        return self.order_by("sort_key", "id")


class TagQuerySet(models.QuerySet["Tag"]):
    """Reads of groups."""

    def of(self, branch: Branch) -> TagQuerySet:
        """Those of the branch's county: groups go across the tree."""
        return self.filter(county_id=branch.root_id)

    def in_order(self) -> TagQuerySet:
        """By name."""
        return self.order_by("name", "id")

    def counted(self, branch: Branch) -> TagQuerySet:
        """With `n`: how many current members of a branch, and of those under it, are in each."""
        current = models.Q(members__status__in=CURRENT, **branch.scope_of("members__"))
        return self.annotate(n=models.Count("members", filter=current))


class Tag(models.Model):
    """A special group across the tree (women's network, Sámi forum, youth): a mark, not a home branch."""

    county = models.ForeignKey(Branch, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=60)

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["county", "name"], name="tag_once_per_county")
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """One person in the register. No national identity number anywhere."""

    member_number = models.CharField(_("member number"), max_length=32, unique=True)
    # No index of their own: each leads one of the list indexes below.
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="home_members", db_index=False)
    municipal = models.ForeignKey(Branch, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    county = models.ForeignKey(Branch, models.PROTECT, related_name="+", db_index=False)

    first_name = models.CharField(_("first name"), max_length=120, blank=True)
    last_name = models.CharField(_("last name"), max_length=120, blank=True)
    sort_key = models.CharField(max_length=120)
    search_text = models.TextField(blank=True)
    birth_on = models.DateField(_("born"), null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    gender = models.CharField(_("gender"), max_length=1, choices=Gender.choices, blank=True)

    care_of = models.CharField(_("c/o"), max_length=120, blank=True)
    street = models.CharField(_("address"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=12, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    address_protection = models.CharField(
        _("address protection"), max_length=12, choices=AddressProtection.choices, blank=True
    )
    household_key = models.CharField(max_length=64, blank=True)

    email = models.CharField(_("email"), max_length=254, blank=True)
    # E.164 where it could be read, else as typed, with the flag off.
    mobile = models.CharField(_("mobile"), max_length=40, blank=True)
    mobile_ok = models.BooleanField(default=False)
    phone = models.CharField(_("other phone"), max_length=40, blank=True)
    phone_ok = models.BooleanField(default=False)
    language = models.CharField(_("language"), max_length=8, blank=True)

    status = models.CharField(_("status"), max_length=12, choices=MemberStatus.choices, default=MemberStatus.MEMBER)
    category = models.CharField(_("category"), max_length=12, choices=Category.choices, default=Category.ORDINARY)
    joined_on = models.DateField(_("joined"), null=True, blank=True)
    left_on = models.DateField(_("left"), null=True, blank=True)
    source = models.CharField(_("how they joined"), max_length=16, choices=MemberSource.choices, blank=True)
    recruited_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="recruited")
    recruited_by_text = models.CharField(_("recruited by"), max_length=120, blank=True)
    skills = models.TextField(_("can contribute"), blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="members")

    no_email = models.BooleanField(_("no email"), default=False)
    no_sms = models.BooleanField(_("no SMS"), default=False)
    no_phone = models.BooleanField(_("no calls"), default=False)
    no_post = models.BooleanField(_("no letters"), default=False)
    # Per purpose; service messages (own dues, formal notices) cannot be reserved against. Raising money asks first.
    no_newsletter = models.BooleanField(_("no newsletters"), default=False)
    no_meetings = models.BooleanField(_("no invitations"), default=False)
    no_surveys = models.BooleanField(_("no surveys"), default=False)
    no_recruitment = models.BooleanField(_("not asked to recruit"), default=False)
    fundraising_consent_on = models.DateField(_("may be asked for gifts"), null=True, blank=True)
    guardian_consent_on = models.DateField(_("guardian's consent"), null=True, blank=True)
    guardian_name = models.CharField(_("guardian"), max_length=120, blank=True)
    # Told by a mail server or by an officer; a new address clears it.
    email_bounced_on = models.DateField(_("email came back"), null=True, blank=True)
    # When an officer last said that all of this is right.
    checked_on = models.DateField(_("checked"), null=True, blank=True)
    # The number was given here, and waits for the central register's own.
    number_is_local = models.BooleanField(default=False)
    # Its own right; callers never see it; the member reads it on request.
    note = models.TextField(_("internal note"), blank=True)

    # The piece of work the member came in with: what undoing it takes out again.
    created_in = models.ForeignKey(
        "membership.ChangeBatch", models.SET_NULL, null=True, blank=True, related_name="created_members"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # Who names a recruiter: each chunk that is erased looks through them.
            models.Index(fields=["id"], name="member_recruited", condition=~Q(recruited_by_text="")),
            # Whole, not partial on current members: SQLite does not see a bound parameter meet a partial condition.
            models.Index(fields=["branch", "status", "sort_key", "id"], name="member_branch"),
            models.Index(fields=["municipal", "status", "sort_key", "id"], name="member_municipal"),
            models.Index(fields=["county", "status", "sort_key", "id"], name="member_county"),
            models.Index(fields=["county", "joined_on"], name="member_joined"),
            models.Index(fields=["county", "household_key"], name="member_household", condition=~Q(household_key="")),
            # Who shares something with whom: membership/duplicates walks along them.
            models.Index(fields=["county", "mobile"], name="member_mobile", condition=~Q(mobile="")),
            models.Index(fields=["county", "phone"], name="member_phone", condition=~Q(phone="")),
            models.Index("county", Lower("email"), name="member_email"),
            models.Index(fields=["county", "birth_on"], name="member_born", condition=Q(birth_on__isnull=False)),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(member_number=""), name="member_has_number"),
            models.CheckConstraint(condition=Q(status__in=MemberStatus.values), name="member_known_status"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """First name, then last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def list_name(self) -> str:
        """Last name, first name: as lists are sorted."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part)

    @property
    def address_hidden(self) -> bool:
        """Whether street, postal code and town are shown to nobody here."""
        return bool(self.address_protection)

    def is_under(self, years: int, *, on: date) -> bool:
        """Whether the member is younger, or may be so where only the year of birth is known; `under_age` in Python."""
        return is_under(self.birth_on, self.birth_year, years, on=on)

    def lacks_consent(self, *, on: date) -> bool:
        """Whether a guardian ought to have consented, and no consent is written down."""
        return self.is_under(OWN_CONSENT, on=on) and not (self.guardian_name and self.guardian_consent_on)

    @property
    def call_number(self) -> str:
        """The number to tap: mobile first, else the other phone; empty where none could be read."""
        if self.mobile_ok:
            return self.mobile
        return self.phone if self.phone_ok else ""


def is_under(born: date | None, year: int | None, years: int, *, on: date) -> bool:
    """Whether somebody is younger on a day, or may be so where only the year is known; unknown age is no reason."""
    if born:
        before_birthday = (on.month, on.day) < (born.month, born.day)
        return on.year - born.year - before_birthday < years
    return year is not None and on.year - year <= years


class Placement(models.Model):
    """Where a member has belonged, and when. Exactly one is open for a member in the register."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="placements")
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="placements")
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member"], condition=Q(to_on__isnull=True), name="placement_one_open")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.branch_id}"
