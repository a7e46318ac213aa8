"""What a program written with docker-py does: each step prints one fact. The engine is DOCKER_HOST's."""

import io
import tarfile
import threading

import docker

client = docker.from_env()


def say(name, value):
    print(f"{name}: {value}", flush=True)


say("ping", client.ping())
say("pulled", client.images.pull("busybox", tag="latest").tags)
say("output", client.containers.run("busybox", ["echo", "hello"], remove=True))
try:
    client.containers.run("busybox", ["sh", "-c", "echo bad >&2; exit 3"], remove=True)
except docker.errors.ContainerError as error:
    say("error", (error.exit_status, error.stderr))
try:
    client.containers.get("nonesuch")
except docker.errors.NotFound as error:
    say("not found", error.explanation)

network = client.networks.create("quay", driver="bridge", ipam=docker.types.IPAMConfig(pool_configs=[docker.types.IPAMPool(subnet="10.91.0.0/24")]))
volume = client.volumes.create("hold", labels={"made": "here"})
web = client.containers.run(
    "busybox",
    ["sh", "-c", "echo one; echo two >&2; sleep 1000"],
    detach=True,
    name="web",
    network="quay",
    environment={"WORD": "harbour"},
    volumes={"hold": {"bind": "/hold", "mode": "rw"}},
    mem_limit="32m",
    labels=["kept"],
    healthcheck={"test": ["CMD", "true"], "interval": 100_000_000},
    ports={"80/tcp": None},
    ulimits=[docker.types.Ulimit(name="nofile", soft=64, hard=64)],
)
web.reload()
say("status", web.status)
say("address", web.attrs["NetworkSettings"]["Networks"]["quay"]["IPAddress"])
say("memory", web.attrs["HostConfig"]["Memory"])
say("exec", web.exec_run(["sh", "-c", "echo $WORD; ulimit -n; echo kept >/hold/file; exit 4"]))
say("apart", web.exec_run(["sh", "-c", "echo out; echo err >&2"], demux=True))
say("stream", b"".join(web.exec_run(["seq", "3"], stream=True).output))
say("socket", type(web.exec_run(["cat"], stdin=True, socket=True).output).__name__)
while not (healthy := client.containers.list(filters={"label": "kept", "health": "healthy"})):
    pass
say("listed", [each.name for each in healthy])
while b"two" not in web.logs():
    pass
say("logs", sorted(web.logs(stdout=True, stderr=True).split()))
say("top", web.top(ps_args="-o pid,args")["Titles"])
say("stats", web.stats(stream=False)["name"])
web.pause()
web.reload()
say("paused", web.status)
web.unpause()
web.rename("site")
web.update(mem_limit="48m", memswap_limit="96m")
say("updated", client.containers.get("site").attrs["HostConfig"]["Memory"])

archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode="w") as tar:
    entry = tarfile.TarInfo("put")
    entry.size, entry.mode = 4, 0o640
    tar.addfile(entry, io.BytesIO(b"data"))
say("put", web.put_archive("/tmp", archive.getvalue()))
chunks, stat = web.get_archive("/tmp/put")
with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
    say("got", (stat["name"], tar.extractfile("put").read()))
say("diff", sorted(each["Path"] for each in web.diff()))
image = web.commit("made", tag="1", changes="CMD cat /tmp/put")
say("committed", client.containers.run("made:1", remove=True))
saved = b"".join(image.save(named=True))
client.images.remove("made:1")
say("loaded", [each.id for each in client.images.load(saved)] == [image.id])

second = client.containers.create("busybox", ["cat", "/hold/file"], volumes_from=["site"])
network.connect(second, aliases=["second"])
seen = []
events = client.events(decode=True, filters={"container": second.id})
reader = threading.Thread(target=lambda: [seen.append(event["Action"]) or (event["Action"] == "destroy" and events.close()) for event in events])
reader.start()
second.start()
say("waited", second.wait()["StatusCode"])
say("its logs", second.logs())
second.remove()
reader.join(30)
say("events", [each for each in seen if each in ("start", "die", "destroy")])
network.disconnect(web)
web.stop(timeout=0)
web.remove(v=True)
network.remove()
volume.remove()
client.images.remove("made:1")
# What an image says of volumes is made anew by a run, and docker-py removes a container without its own.
say("left", (client.containers.list(all=True), len(client.volumes.list()), sorted(each.name for each in client.networks.list())))
say("df", sorted(client.df().keys()))
