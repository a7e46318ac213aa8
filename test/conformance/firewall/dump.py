"""FAMILY [FILE]: sends what is in the file, if one is named, and prints chains and rules of nf_tables: attributes in hexadecimal, without the kernel's numbers for them."""
import socket
import struct
import sys

NETLINK_NETFILTER = 12
NEWCHAIN, GETCHAIN, NEWRULE, GETRULE = 0xA03, 0xA04, 0xA06, 0xA07
# By message: the handle, and of a rule the one before it.
NUMBERS = {NEWCHAIN: {2}, NEWRULE: {3, 6}}

link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)


def messages(data):
    at = 0
    while at + 16 <= len(data):
        size, kind = struct.unpack_from("<IH", data, at)
        yield kind, data[at + 16 : at + size]
        at += (size + 3) & ~3


def attributes(data):
    at = 4
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("<HH", data, at)
        yield kind & 0x3FFF, data[at + 4 : at + size]
        at += (size + 3) & ~3


FAMILY = {"ip": socket.AF_INET, "ip6": socket.AF_INET6}[sys.argv[1]]

if len(sys.argv) > 2:
    link.send(open(sys.argv[2], "rb").read())
    while True:
        try:
            answer = link.recv(1 << 20, socket.MSG_DONTWAIT)
        except BlockingIOError:
            break
        for kind, body in messages(answer):
            error = struct.unpack_from("<i", body)[0] if kind == 2 else 0
            if error:
                sys.exit("nf_tables: errno %d" % -error)

for wanted in (GETCHAIN, GETRULE):
    link.send(struct.pack("<IHHII", 20, wanted, 0x301, 1, 0) + struct.pack(">BBH", FAMILY, 0, 0))
    done = False
    while not done:
        for kind, body in messages(link.recv(1 << 20)):
            done = done or kind in (2, 3)
            if kind in NUMBERS:
                print(hex(kind), *("%d:%s" % (at, value.hex()) for at, value in sorted(attributes(body)) if at not in NUMBERS[kind]))
