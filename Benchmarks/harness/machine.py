"""The machine: what it is, and whether somebody else is using it."""
import os
import platform
import re
import time

SERVER_CPU = 0
CLIENT_CPU = 1
TICK = os.sysconf("SC_CLK_TCK")

# A core is quiet when others take less than this share of it, and a round is disturbed when they took more.
DISTURBANCE_LIMIT = 0.10


def busy_seconds(cpu: int) -> float:
    """Seconds this core has not been idle since boot, with what the hypervisor stole (resolution: one tick)."""
    with open("/proc/stat") as file:
        for line in file:
            name, *fields = line.split()
            if name == f"cpu{cpu}":
                user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
                return (user + nice + system + irq + softirq + steal) / TICK
    raise RuntimeError(f"this machine has no cpu {cpu}: the benchmark needs two cores")


class Watch:
    """Sees, from when it is made, what others take of the two cores."""

    def __init__(self):
        self.started = time.monotonic()
        self.before = [busy_seconds(SERVER_CPU), busy_seconds(CLIENT_CPU)]

    def others(self, server_seconds: float = 0, client_seconds: float = 0) -> float:
        """The larger of the two shares that were not used by the server, or by the client."""
        server = busy_seconds(SERVER_CPU) - self.before[0] - server_seconds
        client = busy_seconds(CLIENT_CPU) - self.before[1] - client_seconds
        return max(0, server, client) / (time.monotonic() - self.started)

    def others_of_both(self, seconds: float) -> float:
        """The same for work that used `seconds` of both cores, wherever the kernel put it."""
        busy = busy_seconds(SERVER_CPU) + busy_seconds(CLIENT_CPU) - sum(self.before)
        return max(0, busy - seconds) / 2 / (time.monotonic() - self.started)


class Patience:
    """Waits for quiet cores, for so many seconds in all; after that it measures in whatever noise there is."""

    SAMPLE = 0.5

    def __init__(self, seconds: float):
        self.left = seconds

    def wait_for_quiet(self) -> None:
        while self.left > 0:
            watch = Watch()
            time.sleep(self.SAMPLE)
            if watch.others() <= DISTURBANCE_LIMIT:
                return
            self.left -= self.SAMPLE


def description() -> dict[str, str]:
    """What a reader needs to know about this machine to judge the figures."""
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*:\s*(.*)", file.read())
    with open("/proc/meminfo") as file:
        memory = int(re.search(r"MemTotal:\s*(\d+)", file.read())[1]) / 1024 / 1024
    return {
        "CPU": f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
    }


def file_system(path: str) -> str:
    """The type of the file system that holds `path`: a store on tmpfs would prove nothing."""
    path = os.path.realpath(path)
    best = ("", "unknown")
    with open("/proc/mounts") as file:
        for line in file:
            _device, mount, kind, *_ = line.split()
            inside = path == mount or path.startswith(mount.rstrip("/") + "/")
            if inside and len(mount) >= len(best[0]):
                best = (mount, kind)
    return best[1]
