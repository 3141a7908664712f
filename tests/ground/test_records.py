"""Records: dataclasses to all who use them, though most of what makes one is shared."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any

import pytest

from program.ground.records import record


@record
class Stop:
    """A place on a way."""

    name: str
    minutes: int = 5
    seen: list[str] = field(default_factory=list, compare=False, repr=False)


@record
class LongStop(Stop):
    """A place where one stays."""

    nights: int = field(default=1, kw_only=True)

    def __post_init__(self) -> None:
        if self.nights < 1:
            raise ValueError("nobody stays for less than a night")


@dataclass(frozen=True, slots=True)
class _AsTheLibrary:
    """The same as a Stop, made by the standard library."""

    name: str
    minutes: int = 5
    seen: list[str] = field(default_factory=list, compare=False, repr=False)


def test_a_record_is_given_its_values_as_a_dataclass_is():
    assert [Stop("A").minutes, Stop("A", 7).minutes, Stop(minutes=8, name="A").minutes] == [5, 7, 8]
    assert Stop("A").seen == []
    assert Stop("A").seen is not Stop("A").seen
    assert LongStop("A", nights=3).nights == 3
    with pytest.raises(ValueError, match="less than a night"):
        LongStop("A", nights=0)
    with pytest.raises(TypeError, match=r"Stop\.__init__\(\) missing 1 required positional argument: 'name'"):
        Stop()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'hours'"):
        Stop("A", hours=1)  # type: ignore[call-arg]


def test_a_record_never_changes():
    stop: Any = Stop("A")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'minutes'"):
        stop.minutes = 6
    with pytest.raises(FrozenInstanceError):
        stop.other = 6
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'name'"):
        del stop.name
    assert not hasattr(stop, "__dict__")


def test_records_are_equal_by_their_class_and_by_the_fields_that_count():
    assert Stop("A", 5, ["x"]) == Stop("A")
    assert hash(Stop("A", 5, ["x"])) == hash(Stop("A"))
    assert Stop("A") != Stop("A", 6)
    assert Stop("A") != LongStop("A")
    assert Stop("A") != _AsTheLibrary("A")  # type: ignore[comparison-overlap]
    assert len({Stop("A"), Stop("A"), Stop("B")}) == 2


def test_a_record_is_shown_without_what_is_to_stay_out_of_logs():
    assert repr(Stop("A", 5, ["x"])) == "Stop(name='A', minutes=5)"
    assert repr(Stop("A")).split("(")[1] == repr(_AsTheLibrary("A")).split("(")[1]


def test_the_tools_for_dataclasses_take_records():
    stop = LongStop("A", 7, nights=2)
    assert is_dataclass(stop)
    assert [part.name for part in fields(stop)] == ["name", "minutes", "seen", "nights"]
    assert replace(stop, minutes=9) == LongStop("A", 9, nights=2)
    assert asdict(stop) == {"name": "A", "minutes": 7, "seen": [], "nights": 2}
    match Stop("B", 3):
        case Stop(name, minutes):
            assert (name, minutes) == ("B", 3)


def test_records_are_copied_and_pickled():
    stop = LongStop("A", 7, ["x"], nights=2)
    for other in (copy.copy(stop), copy.deepcopy(stop), pickle.loads(pickle.dumps(stop))):
        assert (other, other.seen) == (stop, ["x"])
    assert copy.deepcopy(stop).seen is not stop.seen


def test_a_record_keeps_what_its_class_defines():
    @record
    class Same:
        """Equal to all of its kind."""

        name: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Same)

        def __hash__(self) -> int:
            return 1

        def __repr__(self) -> str:
            return "the same"

    assert (Same("A") == Same("B"), hash(Same("A")), repr(Same("A"))) == (True, 1, "the same")


def test_a_record_may_be_empty_or_hold_one_value():
    @record
    class Nothing:
        """Holds nothing."""

    @record
    class One:
        """Holds one value."""

        self_: float

    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())
    nan = float("nan")
    # As tuples are: the same object is equal to itself.
    assert One(nan) == One(nan)
