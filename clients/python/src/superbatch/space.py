"""What may be tuned: the parameters of a search space, as plain values.

A space is a mapping from names to parameters::

    space = {
        "learning_rate": Float(1e-4, 1, log=True),
        "optimizer": Categorical("sgd", "adam"),
        "momentum": Float(0, 0.99, when={"optimizer": ["sgd"]}),
        "super_batch": Integer(128, 1024, log=True, fidelity=Fidelity(target=50_000, effect="small")),
    }

What is wrong with a space is told by the service, all at once, with the path of each field (:class:`superbatch.InvalidArgument`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Mapping, Sequence, Union

from superbatch.common.v1 import space_pb2, value_pb2

Value = Union[float, int, str, bool]
Point = Mapping[str, Value]
When = Mapping[str, Sequence[Value]]


@dataclass(frozen=True)
class Fidelity:
    """Makes a number a fidelity: it trades quality for cost, and the study chooses it along with the hyperparameters.

    Attributes:
        target: The value at which quality counts, at least the largest value of the domain.
        basis: How the objective approaches its value at the target; None: the service's default, ``fabolas``.
        effect: How much it is believed to change the objective: ``open``, as much as hyperparameters do, or ``small``, little unless results show it, for the
            super-batch size. None: the service's default, ``open``.
    """

    target: float
    basis: Literal["fabolas", "linear", "exponential"] | None = None
    effect: Literal["open", "small"] | None = None


@dataclass(frozen=True)
class Float:
    """A real number between bounds, inclusive. ``log``: equal ratios matter equally. ``when``: active only where a parent has one of the values."""

    min: float
    max: float
    log: bool = False
    fidelity: Fidelity | None = None
    when: When | None = None


@dataclass(frozen=True)
class Integer:
    """A whole number between bounds, inclusive."""

    min: int
    max: int
    log: bool = False
    fidelity: Fidelity | None = None
    when: When | None = None


@dataclass(frozen=True)
class Discrete:
    """One of several numbers, strictly ascending."""

    values: Sequence[float]
    log: bool = False
    fidelity: Fidelity | None = None
    when: When | None = None


@dataclass(frozen=True, init=False)
class Categorical:
    """One of several unordered names: ``Categorical("sgd", "adam")``."""

    categories: tuple[str, ...]
    when: When | None

    def __init__(self, *categories: str, when: When | None = None) -> None:
        object.__setattr__(self, "categories", categories)
        object.__setattr__(self, "when", when)


@dataclass(frozen=True)
class Boolean:
    """True or false."""

    when: When | None = None


@dataclass(frozen=True)
class Fixed:
    """The same value in every trial: passed to trainers, invisible to the model."""

    value: Value
    when: When | None = None


Parameter = Union[Float, Integer, Discrete, Categorical, Boolean, Fixed]
Space = Mapping[str, Parameter]


@dataclass(frozen=True)
class Constraint:
    """The sum of ``coefficients`` times parameters is at most ``bound``; every suggested point satisfies it."""

    coefficients: Mapping[str, float]
    bound: float


def value_to_proto(value: Value) -> value_pb2.Value:
    """A parameter's value for the wire. Accepts NumPy's numbers too."""
    # bool first: it is an int too.
    if isinstance(value, bool):
        return value_pb2.Value(flag=value)
    if isinstance(value, str):
        return value_pb2.Value(text=value)
    return value_pb2.Value(number=float(value))


def point_to_proto(point: Point) -> dict[str, value_pb2.Value]:
    """A point for the wire."""
    return {name: value_to_proto(value) for name, value in point.items()}


def point_from_proto(values: Mapping[str, value_pb2.Value], space: space_pb2.SearchSpace) -> dict[str, Value]:
    """A point of the wire; numbers of integer parameters become ``int``. In the order of the space."""
    point: dict[str, Value] = {}
    for parameter in space.parameters:
        if parameter.name in values:
            whole = parameter.WhichOneof("domain") == "integer"
            point[parameter.name] = _value_from_proto(values[parameter.name], whole)
    for name, value in values.items():
        point.setdefault(name, _value_from_proto(value, False))
    return point


def _value_from_proto(value: value_pb2.Value, whole: bool) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "text":
        return value.text
    if kind == "flag":
        return value.flag
    return int(value.number) if whole else value.number


def space_to_proto(space: Space, constraints: Sequence[Constraint] = ()) -> space_pb2.SearchSpace:
    """A space for the wire. Nothing is checked here: the service reports every mistake at once."""
    return space_pb2.SearchSpace(
        parameters=[_parameter(name, parameter) for name, parameter in space.items()],
        constraints=[space_pb2.LinearConstraint(coefficients=c.coefficients, bound=c.bound) for c in constraints],
    )


def _parameter(name: str, parameter: Parameter) -> space_pb2.Parameter:
    message = space_pb2.Parameter(name=name)
    if isinstance(parameter, Float):
        message.float.CopyFrom(space_pb2.FloatDomain(min=parameter.min, max=parameter.max, scale=_scale(parameter.log)))
    elif isinstance(parameter, Integer):
        message.integer.CopyFrom(space_pb2.IntegerDomain(min=parameter.min, max=parameter.max, scale=_scale(parameter.log)))
    elif isinstance(parameter, Discrete):
        message.discrete.CopyFrom(space_pb2.DiscreteDomain(values=parameter.values, scale=_scale(parameter.log)))
    elif isinstance(parameter, Categorical):
        message.categorical.CopyFrom(space_pb2.CategoricalDomain(categories=parameter.categories))
    elif isinstance(parameter, Boolean):
        message.boolean.SetInParent()
    else:
        message.fixed.CopyFrom(value_to_proto(parameter.value))
    fidelity = getattr(parameter, "fidelity", None)
    if fidelity is not None:
        basis = f"FIDELITY_BASIS_{(fidelity.basis or 'unspecified').upper()}"
        effect = f"FIDELITY_EFFECT_{(fidelity.effect or 'unspecified').upper()}"
        message.fidelity.CopyFrom(space_pb2.Fidelity(target=fidelity.target, basis=basis, effect=effect))
    when = parameter.when or {}
    if len(when) > 1:
        raise ValueError(f"{name}: when names {', '.join(when)}; a parameter can depend on one other alone")
    for parent, values in when.items():
        message.condition.CopyFrom(space_pb2.Condition(parent=parent, values=[value_to_proto(value) for value in values]))
    return message


def _scale(log: bool) -> space_pb2.Scale:
    return space_pb2.SCALE_LOG if log else space_pb2.SCALE_LINEAR
