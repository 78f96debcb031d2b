"""gRPC's interop cases, by their names, with grpcio as the client of our server."""

import subprocess
import time

import pytest

from place import BUILT, ROOT

grpc = pytest.importorskip("grpc")
CALLER = "/grpc.testing.TestService/"


@pytest.fixture(scope="module")
def messages(tmp_path_factory):
    """The module that protoc makes of test.proto."""
    import importlib
    import sys
    folder = tmp_path_factory.mktemp("grpc")
    source = ROOT / "Tests" / "GRPCPeer"
    subprocess.run(["protoc", f"-I{source}", f"--python_out={folder}", "test.proto"], check=True)
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module("test_pb2")
    finally:
        sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def channel():
    peer = subprocess.Popen([BUILT / "grpc-peer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = int(peer.stdout.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.max_receive_message_length", 16 << 20)]) as made:
        yield made
    peer.stdin.close()
    assert peer.wait(timeout=10) == 0
    peer.stdout.close()


class Stub:
    def __init__(self, channel, m):
        def method(kind, name, request, response):
            return getattr(channel, kind)(CALLER + name, request.SerializeToString, response.FromString)
        self.empty = method("unary_unary", "EmptyCall", m.Empty, m.Empty)
        self.unary = method("unary_unary", "UnaryCall", m.SimpleRequest, m.SimpleResponse)
        self.output = method("unary_stream", "StreamingOutputCall", m.StreamingOutputCallRequest,
                             m.StreamingOutputCallResponse)
        self.input = method("stream_unary", "StreamingInputCall", m.StreamingInputCallRequest,
                            m.StreamingInputCallResponse)
        self.duplex = method("stream_stream", "FullDuplexCall", m.StreamingOutputCallRequest,
                             m.StreamingOutputCallResponse)
        self.unimplemented = method("unary_unary", "UnimplementedCall", m.Empty, m.Empty)


@pytest.fixture(scope="module")
def stub(channel, messages):
    return Stub(channel, messages)


def zeros(m, size):
    return m.Payload(body=bytes(size))


def status(call):
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def test_empty_unary(stub, messages):
    assert stub.empty(messages.Empty(), timeout=5) == messages.Empty()


def test_large_unary(stub, messages):
    answer = stub.unary(messages.SimpleRequest(response_size=314159, payload=zeros(messages, 271828)), timeout=5)
    assert answer.payload.body == bytes(314159)


def test_client_compressed_unary(stub, messages):
    answer = stub.unary(messages.SimpleRequest(response_size=314159, payload=zeros(messages, 271828)), timeout=5,
                        compression=grpc.Compression.Gzip)
    assert len(answer.payload.body) == 314159


def test_server_compressed_unary(stub, messages):
    request = messages.SimpleRequest(response_size=314159, response_compressed=messages.BoolValue(value=True))
    answer, call = stub.unary.with_call(request, timeout=5)
    assert len(answer.payload.body) == 314159


def test_client_streaming(stub, messages):
    sizes = [27182, 8, 1828, 45904]
    requests = (messages.StreamingInputCallRequest(payload=zeros(messages, size)) for size in sizes)
    assert stub.input(requests, timeout=5).aggregated_payload_size == 74922


def wanted(m, *sizes, pause=0):
    return m.StreamingOutputCallRequest(
        response_parameters=[m.ResponseParameters(size=size, interval_us=pause) for size in sizes])


def test_server_streaming(stub, messages):
    sizes = [31415, 9, 2653, 58979]
    assert [len(answer.payload.body) for answer in stub.output(wanted(messages, *sizes), timeout=5)] == sizes


def test_ping_pong(stub, messages):
    import queue
    requests = queue.Queue()
    answers = stub.duplex(iter(requests.get, None), timeout=5)
    for size, sent in [(31415, 27182), (9, 8), (2653, 1828), (58979, 45904)]:
        request = wanted(messages, size)
        request.payload.CopyFrom(zeros(messages, sent))
        requests.put(request)
        assert len(next(answers).payload.body) == size
    requests.put(None)
    assert list(answers) == []


def test_empty_stream(stub):
    assert list(stub.duplex(iter(()), timeout=5)) == []


def test_custom_metadata(stub, messages):
    sent = [("x-grpc-test-echo-initial", "test_initial_metadata_value"),
            ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab")]
    _, call = stub.unary.with_call(messages.SimpleRequest(response_size=10), timeout=5, metadata=sent)
    assert sent[0] in list(call.initial_metadata())
    assert sent[1] in list(call.trailing_metadata())
    stream = stub.duplex(iter([wanted(messages, 1)]), timeout=5, metadata=sent)
    assert len(list(stream)) == 1
    assert sent[0] in list(stream.initial_metadata())
    assert sent[1] in list(stream.trailing_metadata())


def test_status_code_and_message(stub, messages):
    echo = messages.EchoStatus(code=2, message="test status message")
    error = status(lambda: stub.unary(messages.SimpleRequest(response_status=echo), timeout=5))
    assert (error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, "test status message")
    request = messages.StreamingOutputCallRequest(response_status=echo)
    error = status(lambda: list(stub.duplex(iter([request]), timeout=5)))
    assert (error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, "test status message")


def test_special_status_message(stub, messages):
    text = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
    request = messages.SimpleRequest(response_status=messages.EchoStatus(code=2, message=text))
    error = status(lambda: stub.unary(request, timeout=5))
    assert (error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, text)


def test_unimplemented_method(stub, messages):
    assert status(lambda: stub.unimplemented(messages.Empty(), timeout=5)).code() == grpc.StatusCode.UNIMPLEMENTED


def test_unimplemented_service(channel):
    call = channel.unary_unary("/grpc.testing.UnimplementedService/UnimplementedCall")
    assert status(lambda: call(b"", timeout=5)).code() == grpc.StatusCode.UNIMPLEMENTED


def test_cancel_after_begin(stub):
    import threading
    never = threading.Event()
    call = stub.input.future(iter(lambda: never.wait(5), True))
    call.cancel()
    assert call.code() == grpc.StatusCode.CANCELLED
    never.set()


def test_cancel_after_first_response(stub, messages):
    answers = stub.duplex(iter([wanted(messages, 31415, 9, pause=200_000)]), timeout=5)
    next(answers)
    answers.cancel()
    assert status(lambda: next(answers)).code() == grpc.StatusCode.CANCELLED


def test_timeout_on_sleeping_server(stub, messages):
    answers = stub.output(wanted(messages, 10, pause=5_000_000), timeout=0.05)
    assert status(lambda: next(answers)).code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_concurrent_large_unary(stub, messages):
    request = messages.SimpleRequest(response_size=314159, payload=zeros(messages, 271828))
    calls = [stub.unary.future(request, timeout=20) for _ in range(100)]
    assert all(len(call.result().payload.body) == 314159 for call in calls)


def test_message_past_the_limit_is_refused(stub, messages):
    request = messages.SimpleRequest(payload=zeros(messages, 5 << 20))
    assert status(lambda: stub.unary(request, timeout=5)).code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_health(channel):
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    assert check(b"", timeout=5) == b"\x08\x01"
    assert status(lambda: check(b"\x0a\x01x", timeout=5)).code() == grpc.StatusCode.NOT_FOUND
    watch = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=5)
    assert next(watch) == b"\x08\x01"
    watch.cancel()


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_lists_the_services(channel, version):
    ask = channel.stream_stream(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")
    # list_services
    answer = b"".join(ask(iter([b"\x3a\x01*"]), timeout=5))
    for name in (b"grpc.testing.TestService", b"grpc.health.v1.Health", b"grpc.reflection.v1.ServerReflection"):
        assert name in answer
