/*
 * The whole of hello-world: writes one text and exits. No libc, so that the image is about as small as an image can be.
 * System calls as i386 makes them: syscall(2), "Architecture calling conventions".
 */

static const char text[] =
	"\n"
	"Hello from Drydock!\n"
	"This message shows that the container engine works from end to end.\n"
	"\n"
	"To print it, Drydock took these steps:\n"
	" 1. The docker client sent your command to the Drydock engine, over the Docker\n"
	"    Engine API.\n"
	" 2. The engine took the \"hello-world\" image from the set that comes with Drydock.\n"
	"    (It is Drydock's own build for i386, not the Docker Official Image.)\n"
	" 3. The engine created a container from that image: a Linux process with its own\n"
	"    namespaces, control group and root file system. It runs the program that\n"
	"    writes the text you are reading.\n"
	" 4. The engine streamed that output to the docker client, which wrote it to your\n"
	"    terminal.\n"
	"\n"
	"For more, start a shell in a container:\n"
	" $ docker run -it busybox sh\n"
	"\n";

enum { SYS_EXIT = 1, SYS_WRITE = 4, STDOUT = 1 };

static long system_call(long number, long first, long second, long third)
{
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third) : "memory");
	return result;
}

void _start(void)
{
	const char *next = text;
	long left = sizeof(text) - 1;
	/* A pipe may take less than the whole. */
	while (left > 0) {
		long written = system_call(SYS_WRITE, STDOUT, (long)next, left);
		if (written <= 0)
			break;
		next += written;
		left -= written;
	}
	system_call(SYS_EXIT, left > 0, 0, 0);
	__builtin_unreachable();
}
