/* runonce AGENT SPEC CGROUP SOCKETS: starts an agent over a socket in place of the 9p channel, has it run one container
 * from an encoded ContainerSpec, copies its output and exits with its code (125 when the agent refuses). */
#include "protocol.h"
#include "record.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { packet_max = 128 * 1024, idle_bytes = 1024 - 8, stream = 1 };

static int channel;
static int code = -1;

/* The agent reads 1024 bytes until it is told that more waits. */
static void send_bytes(const uint8_t *from, uint32_t size) {
  static uint8_t packet[packet_max];
  for (uint32_t room = idle_bytes; size > 0; room = packet_max - 4096) {
    uint32_t part = size < room ? size : room;
    store_u32(packet, part);
    store_u32(packet + 4, size - part);
    memcpy(packet + 8, from, part);
    if (send(channel, packet, part + 8, 0) < 0) exit(124);
    from += part;
    size -= part;
  }
}

static void send_frame(uint8_t type, uint32_t id, const void *payload, uint32_t size) {
  static uint8_t frame[DD_FRAME_HEADER_BYTES + DD_MAX_PAYLOAD_BYTES];
  store_u32(frame, size);
  store_u32(frame + 4, id);
  store_u32(frame + 8, type);
  if (size > 0) memcpy(frame + DD_FRAME_HEADER_BYTES, payload, size);
  send_bytes(frame, DD_FRAME_HEADER_BYTES + size);
}

static void open_stream(const char *path) {
  static uint8_t payload[DD_MAX_PAYLOAD_BYTES];
  FILE *file = fopen(path, "rb");
  if (file == NULL) exit(124);
  store_u16(payload, DD_HOST_KIND_START);
  size_t size = fread(payload + 2, 1, sizeof payload - 2, file);
  fclose(file);
  send_frame(DD_FRAME_OPEN, stream, payload, (uint32_t)size + 2);
}

static void print_failure(struct bytes record) {
  uint16_t tag;
  struct bytes value;
  while (record_next(&record, &tag, &value) > 0)
    if (tag == DD_TAG_FAILURE_MESSAGE) fprintf(stderr, "runonce: %.*s\n", (int)value.size, (const char *)value.at);
}

static void note(struct bytes payload) {
  uint16_t tag;
  struct bytes value, record = {payload.at + 2, payload.size - 2};
  if (load_u16(payload.at) != DD_NOTE_EXITED) return;
  while (record_next(&record, &tag, &value) > 0)
    if (tag == DD_TAG_EXITED_CODE) code = (int)load_u32(value.at);
}

static void handle(uint32_t id, uint8_t type, uint8_t lane, struct bytes payload) {
  uint8_t credit[4];
  if (type == DD_FRAME_OPEN) {
    send_frame(DD_FRAME_REPLY, id, NULL, 0);
    send_frame(DD_FRAME_CLOSE, id, NULL, 0);
  } else if (type == DD_FRAME_DATA) {
    fwrite(payload.at, 1, payload.size, lane == DD_LANE_STDERR ? stderr : stdout);
    store_u32(credit, payload.size);
    send_frame(DD_FRAME_CREDIT, id, credit, sizeof credit);
  } else if (type == DD_FRAME_NOTE) {
    note(payload);
  } else if (type == DD_FRAME_RESET) {
    print_failure(payload);
    code = 125;
  }
}

int main(int argc, char **argv) {
  static uint8_t packet[packet_max];
  int pair[2];
  char number[16];
  if (argc != 5 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0) return 124;
  snprintf(number, sizeof number, "%d", pair[1]);
  pid_t agent = fork();
  if (agent == 0) {
    close(pair[0]);
    execl(argv[1], "agent", "--channel", number, "--cgroup", argv[3], "--sockets", argv[4], (char *)NULL);
    _exit(124);
  }
  close(pair[1]);
  channel = pair[0];
  open_stream(argv[2]);
  for (bool open = true; open;) {
    ssize_t got = recv(channel, packet, sizeof packet, 0);
    if (got <= 0) break;
    for (uint8_t *at = packet; at < packet + got; at += DD_FRAME_HEADER_BYTES + load_u32(at)) {
      handle(load_u32(at + 4), at[8], at[9], (struct bytes){at + DD_FRAME_HEADER_BYTES, load_u32(at)});
      if (load_u32(at + 4) == stream && (at[8] == DD_FRAME_CLOSE || at[8] == DD_FRAME_RESET)) open = false;
    }
  }
  kill(agent, SIGKILL);
  return code < 0 ? 124 : code;
}
