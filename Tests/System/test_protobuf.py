"""Protobuf and proto3 JSON against the real library: random messages both ways, in both encodings."""

import importlib
import math
import random
import struct
import subprocess
import sys

import pytest

from place import BUILT, ROOT

json_format = pytest.importorskip("google.protobuf.json_format")
KINDS = {"a": "AllKinds", "c": "Containers", "w": "WellKnown", "n": "Nest"}


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    """The module that protoc makes of everything.proto."""
    folder = tmp_path_factory.mktemp("proto")
    subprocess.run(
        ["protoc", f"-I{ROOT / 'Tests' / 'WirePeer'}", f"--python_out={folder}", "everything.proto"], check=True)
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module("everything_pb2")
    finally:
        sys.path.remove(str(folder))


class Peer:
    """Our side: converts a message from one encoding into another."""

    def __init__(self):
        self.process = subprocess.Popen([BUILT / "wire-peer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def convert(self, kind, source, target, payload):
        head = (kind + source + target).encode() + struct.pack(">I", len(payload))
        self.process.stdin.write(head + payload)
        self.process.stdin.flush()
        status, count = struct.unpack(">BI", self.process.stdout.read(5))
        answer = self.process.stdout.read(count)
        if status:
            raise ValueError(answer.decode())
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(timeout=10) == 0


@pytest.fixture(scope="module")
def peer():
    peer = Peer()
    yield peer
    peer.close()


class Maker:
    """Random messages. Seeded, so that what fails once fails again."""

    def __init__(self, schema, seed):
        self.schema = schema
        self.random = random.Random(seed)

    def integer(self, bits, signed):
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        return self.random.choice([0, low, high, low + 1, self.random.randint(low, high),
                                   min(max(self.random.randint(-300, 300), low), high)])

    def double(self):
        any_bits, = struct.unpack("<d", self.random.randbytes(8))
        if math.isnan(any_bits):
            any_bits = math.nan  # JSON has but one
        return self.random.choice([0.0, -0.0, 1.5, -1e300, 5e-324, math.inf, -math.inf, math.nan, 1e21, 1e-7, 123456789.0,
                                   any_bits])

    def float(self):
        return struct.unpack("<f", struct.pack("<f", self.random.choice(
            [0.0, -0.0, 0.1, 3e38, 1e-45, math.inf, math.nan, 16777217.0, self.random.gauss(0, 1000)])))[0]

    def text(self):
        alphabet = "ab \"\\/<>&\n\t\x00\x7fé€🐦\u2028\u2029\ud7ff\uffff"
        return "".join(self.random.choice(alphabet) for _ in range(self.random.choice([0, 1, 5, 200])))

    def octets(self):
        return self.random.randbytes(self.random.choice([0, 1, 2, 3, 10, 300]))

    def some(self, make):
        return [make() for _ in range(self.random.choice([0, 0, 1, 3, 20]))]

    def chance(self, part=0.6):
        return self.random.random() < part

    def leaf(self):
        return self.schema.Leaf(name=self.text(), number=self.integer(32, True), tags=self.some(self.text))

    def AllKinds(self):
        message = self.schema.AllKinds()
        fields = {
            "double_field": self.double, "float_field": self.float, "bool_field": self.chance,
            "string_field": self.text, "bytes_field": self.octets,
            "color": lambda: self.random.choice([0, 1, 2, 77, -5]),
        }
        for name, bits, signed in [("int32", 32, True), ("int64", 64, True), ("uint32", 32, False), ("uint64", 64, False),
                                   ("sint32", 32, True), ("sint64", 64, True), ("fixed32", 32, False),
                                   ("fixed64", 64, False), ("sfixed32", 32, True), ("sfixed64", 64, True)]:
            fields[name + "_field"] = lambda bits=bits, signed=signed: self.integer(bits, signed)
        for name, make in fields.items():
            if self.chance():
                setattr(message, name, make())
        if self.chance():
            message.leaf.CopyFrom(self.leaf())
        return message

    def Containers(self):
        message = self.schema.Containers(
            numbers=self.some(lambda: self.integer(32, True)), zig_zags=self.some(lambda: self.integer(64, True)),
            doubles=self.some(self.double), unpacked=self.some(lambda: self.integer(32, False)),
            names=self.some(self.text), leaves=self.some(self.leaf),
            colors=self.some(lambda: self.random.choice([0, 1, 2, 9])))
        if self.chance():
            message.maybe_int = self.integer(32, True)
        if self.chance():
            message.maybe_string = self.text()
        for _ in range(self.random.choice([0, 1, 4])):
            message.counts[self.text()] = self.integer(32, True)
            message.by_number[self.integer(64, True)].CopyFrom(self.leaf())
            message.by_flag[self.chance()] = self.text()
            message.by_signed[self.integer(32, True)] = self.integer(64, False)
        member = self.random.randrange(4)
        if member == 1:
            message.choice_text = self.text()
        elif member == 2:
            message.choice_count = self.integer(32, True)
        elif member == 3:
            message.choice_leaf.CopyFrom(self.leaf())
        return message

    def json(self, depth=0):
        return self.random.choice([
            lambda: None, self.chance, self.text, lambda: self.random.gauss(0, 1e6), lambda: float(self.integer(32, True)),
            lambda: {} if depth > 3 else {self.text(): self.json(depth + 1) for _ in range(3)},
            lambda: [] if depth > 3 else [self.json(depth + 1) for _ in range(3)]])()

    def seconds(self, low, high):
        return self.random.choice([0, 1, low, high, self.random.randint(low, high)])

    def fraction(self):
        return self.random.choice([0, 500_000_000, 1_000, 1, 999_999_999, 120_000_000])

    def WellKnown(self):
        message = self.schema.WellKnown()
        first, last = -62_135_596_800, 253_402_300_799
        if self.chance():
            message.time.seconds, message.time.nanos = self.seconds(first, last), self.fraction()
        if self.chance():
            sign = self.random.choice([-1, 1])
            message.duration.seconds = sign * self.seconds(0, 315_575_999_999)
            message.duration.nanos = sign * self.fraction()
        if self.chance():
            message.empty.SetInParent()
        if self.chance():
            json_format.ParseDict(self.json(), message.value)
        if self.chance():
            message.object.SetInParent()
            json_format.ParseDict({self.text(): self.json() for _ in range(3)}, message.object)
        if self.chance():
            message.array.SetInParent()
            json_format.ParseDict([self.json() for _ in range(3)], message.array)
        if self.chance():
            message.mask.paths.extend(self.random.sample(["user.display_name", "photo", "a_b_c.d"], 2))
        if self.chance():
            message.bool_value.value = self.chance()
        if self.chance():
            message.int64_value.value = self.integer(64, True)
        if self.chance():
            message.string_value.value = self.text()
        if self.chance():
            message.bytes_value.value = self.octets()
        for _ in range(self.random.choice([0, 3])):
            message.times.add(seconds=self.seconds(first, last), nanos=self.fraction())
        return message

    def Nest(self, depth=0):
        message = self.schema.Nest()
        for name, make in [("all", self.AllKinds), ("containers", self.Containers), ("known", self.WellKnown)]:
            if self.chance():
                getattr(message, name).CopyFrom(make())
        if depth < 3:
            message.nests.extend(self.Nest(depth + 1) for _ in range(self.random.choice([0, 1, 2])))
            for _ in range(self.random.choice([0, 1])):
                message.named[self.text()].CopyFrom(self.Nest(depth + 1))
        return message


def same(left, right):
    """NaN is equal to nothing, but its bytes are; maps have no order unless asked for one."""
    return left.SerializeToString(deterministic=True) == right.SerializeToString(deterministic=True)


ROUNDS = 150


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_real_library_writes_comes_back_to_it_in_every_encoding(schema, peer, kind):
    cls = getattr(schema, KINDS[kind])
    for seed in range(ROUNDS):
        message = getattr(Maker(schema, f"{kind}{seed}"), KINDS[kind])()
        binary = message.SerializeToString()
        text = json_format.MessageToJson(message).encode()

        back = cls.FromString(peer.convert(kind, "b", "b", binary))
        assert same(back, message), f"seed {seed}: protobuf to protobuf"
        back = json_format.Parse(peer.convert(kind, "b", "j", binary), cls())
        assert same(back, message), f"seed {seed}: protobuf to JSON"
        back = cls.FromString(peer.convert(kind, "j", "b", text))
        assert same(back, message), f"seed {seed}: JSON to protobuf"
        back = json_format.Parse(peer.convert(kind, "j", "j", text), cls())
        assert same(back, message), f"seed {seed}: JSON to JSON"


@pytest.mark.parametrize("kind", "acn")
def test_a_message_without_maps_is_written_in_the_same_bytes(schema, peer, kind):
    for seed in range(ROUNDS):
        message = getattr(Maker(schema, f"bytes {kind}{seed}"), KINDS[kind])()
        for field in ["counts", "by_number", "by_flag", "by_signed", "named"]:
            if field in message.DESCRIPTOR.fields_by_name:
                message.ClearField(field)
        if kind == "n":
            message = schema.Nest(all=message.all)
        binary = message.SerializeToString()
        assert peer.convert(kind, "b", "b", binary) == binary, f"seed {seed}"


def test_names_as_the_schema_spells_them_are_read_too(schema, peer):
    message = Maker(schema, "names").AllKinds()
    text = json_format.MessageToJson(message, preserving_proto_field_name=True).encode()
    assert same(schema.AllKinds.FromString(peer.convert("a", "j", "b", text)), message)


def test_an_any_goes_through_in_protobuf(schema, peer):
    message = schema.WellKnown()
    message.any.Pack(schema.Leaf(name="packed"))
    back = schema.WellKnown.FromString(peer.convert("w", "b", "b", message.SerializeToString()))
    leaf = schema.Leaf()
    assert back.any.Unpack(leaf) and leaf.name == "packed"
    with pytest.raises(ValueError, match="google.protobuf.Any"):
        peer.convert("w", "j", "b", json_format.MessageToJson(message).encode())


def test_unknown_fields_come_back(schema, peer):
    """A Containers read as an AllKinds: what fits no field there is unknown, and kept."""
    message = Maker(schema, "unknown").Nest()
    message.ClearField("all")
    message.nests.add().all.bool_field = True
    binary = message.SerializeToString()
    back = schema.Nest.FromString(peer.convert("a", "b", "b", binary))
    assert same(back, message)


@pytest.mark.filterwarnings("ignore:Unexpected end-group tag")
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_bytes_are_refused_or_read_as_the_real_library_reads_them(schema, peer, kind):
    """Of one flipped byte both sides say the same, except where we are stricter."""
    cls = getattr(schema, KINDS[kind])
    maker = Maker(schema, "damage " + kind)
    agreed = 0
    for _ in range(ROUNDS):
        binary = bytearray(getattr(maker, KINDS[kind])().SerializeToString())
        if not binary:
            continue
        binary[maker.random.randrange(len(binary))] = maker.random.randrange(256)
        try:
            theirs = cls.FromString(bytes(binary))
        except Exception:
            theirs = None
        try:
            ours = peer.convert(kind, "b", "b", bytes(binary))
        except ValueError:
            ours = None
        if theirs is None:
            # Overlong varints are cut off by the one and refused by the other, never the other way round.
            assert ours is None
        agreed += (theirs is None) == (ours is None)
    assert agreed > ROUNDS * 0.9
