/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Does what a virtiofsd that an attacker has taken over would do, under a VM's
 * virtiofsd label.
 *
 *   probe try LABEL ACTION [ARGUMENT...]
 *	A child changes its label to LABEL ("-" for none) and attempts one
 *	action. The status is 0 where it succeeded, 1 where it was refused
 *	(EACCES, EPERM), and 2 where it failed in another way, or could not
 *	even be prepared; a line says which. The child holds no output of its
 *	own: under the label its descriptors would be denied.
 *
 *   probe listen SOCKET COMMAND...
 *	Listens on SOCKET and runs COMMAND, in which a word "{fd}" becomes the
 *	listening descriptor's number and "{closed}" that of a closed one.
 *
 *   probe hold LABEL
 *	Says "ready" and sleeps under LABEL until it is killed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { MAX_HANDLE = 128 };

/* What is prepared before the label changes. */
static struct {
    int fd;
    struct {
        struct file_handle head;
        unsigned char bytes[MAX_HANDLE];
    } handle;
} prepared = {.fd = -1};

static int
result(long value)
{
    return value < 0 ? errno : 0;
}

/* The child's actions: each gives 0 or an errno. */

static int
read_fd(int fd)
{
    char byte;

    return fd < 0 ? errno : result(read(fd, &byte, 1));
}

static int
try_read(char **arg)
{
    return read_fd(open(arg[0], O_RDONLY | O_CLOEXEC));
}

static int
try_list(char **arg)
{
    char entries[4096];
    int fd = open(arg[0], O_RDONLY | O_DIRECTORY);

    return fd < 0 ? errno : result(syscall(SYS_getdents64, fd, entries, sizeof entries));
}

static int
try_write(char **arg)
{
    int fd = open(arg[0], O_WRONLY | O_CLOEXEC);

    return result(fd);
}

static int
try_create(char **arg)
{
    int fd = open(arg[0], O_WRONLY | O_CREAT | O_EXCL, 0600);

    return fd < 0 ? errno : result(write(fd, "e2e\n", 4));
}

static int
try_unlink(char **arg)
{
    return result(unlink(arg[0]));
}

static int
try_mkdir(char **arg)
{
    return result(mkdir(arg[0], 0700));
}

static int
try_rename(char **arg)
{
    return result(rename(arg[0], arg[1]));
}

static int
try_link(char **arg)
{
    return result(link(arg[0], arg[1]));
}

static int
try_symlink(char **arg)
{
    return result(symlink(arg[0], arg[1]));
}

static int
try_chmod(char **arg)
{
    return result(chmod(arg[0], 04777));
}

static int
try_chown(char **arg)
{
    return result(chown(arg[0], 0, 0));
}

static int
try_setxattr(char **arg)
{
    return result(setxattr(arg[0], "user.e2e", "1", 1, 0));
}

/* A revision 2 file capability: nothing but the right to set it is at stake. */
static int
try_filecap(char **arg)
{
    static const unsigned char none[20] = {[3] = 0x02};

    return result(setxattr(arg[0], "security.capability", none, sizeof none, 0));
}

static int
try_utime(char **arg)
{
    static const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

    return result(utimensat(AT_FDCWD, arg[0], times, 0));
}

static int
try_truncate(char **arg)
{
    return result(truncate(arg[0], 0));
}

static int
try_exec(char **arg)
{
    char *argv[] = {arg[0], NULL};

    /* The parent sees the preset 0 where this does not come back. */
    execv(arg[0], argv);
    return errno;
}

static int
try_socket(char **arg)
{
    static const struct {
        const char *name;
        int family, type, protocol;
    } kinds[] = {
        {"inet", AF_INET, SOCK_STREAM, 0},      {"inet6", AF_INET6, SOCK_STREAM, 0},
        {"udp", AF_INET, SOCK_DGRAM, 0},        {"raw", AF_INET, SOCK_RAW, 1},
        {"packet", AF_PACKET, SOCK_RAW, 0},     {"netlink", AF_NETLINK, SOCK_RAW, 0},
        {"vsock", AF_VSOCK, SOCK_STREAM, 0},    {"unix", AF_UNIX, SOCK_STREAM, 0},
        {"unix-dgram", AF_UNIX, SOCK_DGRAM, 0},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, arg[0]) == 0)
            return result(socket(kinds[i].family, kinds[i].type, kinds[i].protocol));
    return EINVAL;
}

static int
try_connect(char **arg)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (fd < 0)
        return errno;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", arg[0]);
    return result(connect(fd, (struct sockaddr *)&address, sizeof address));
}

static int
try_mount(char **arg)
{
    return result(mount(arg[0], arg[1], NULL, MS_BIND, NULL));
}

static int
try_tmpfs(char **arg)
{
    return result(mount("tmpfs", arg[0], "tmpfs", 0, NULL));
}

static int
try_remount(char **arg)
{
    return result(mount(NULL, arg[0], NULL, MS_REMOUNT | MS_BIND, NULL));
}

static int
try_umount(char **arg)
{
    return result(umount2(arg[0], MNT_DETACH));
}

static int
try_pivot(char **arg)
{
    return result(syscall(SYS_pivot_root, arg[0], arg[0]));
}

static int
try_unshare(char **arg)
{
    static const struct {
        const char *name;
        int flag;
    } kinds[] = {{"mount", CLONE_NEWNS}, {"net", CLONE_NEWNET}, {"pid", CLONE_NEWPID}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, arg[0]) == 0)
            return result(unshare(kinds[i].flag));
    return EINVAL;
}

/* A user name space gives every capability inside it: what then? */
static int
try_userns_mount(char **arg)
{
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        return errno;
    return result(mount("tmpfs", arg[0], "tmpfs", 0, NULL));
}

static int
try_setns(char **arg)
{
    int fd = open(arg[0], O_RDONLY);

    return fd < 0 ? errno : result(setns(fd, 0));
}

static int
try_ptrace(char **arg)
{
    return result(ptrace(PTRACE_SEIZE, atoi(arg[0]), NULL, NULL));
}

static int
try_vmread(char **arg)
{
    char byte;
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): an address in another process */
    struct iovec here = {&byte, 1}, there = {(void *)strtoul(arg[1], NULL, 16), 1};

    return result(process_vm_readv(atoi(arg[0]), &here, 1, &there, 1, 0));
}

/* SIGCONT: should it get through after all, nothing dies of it. */
static int
try_signal(char **arg)
{
    return result(kill(atoi(arg[0]), SIGCONT));
}

static int
write_attr(const char *path, const char *word, const char *label)
{
    char text[512];
    int fd = open(path, O_WRONLY);
    int length = snprintf(text, sizeof text, "%s %s", word, label);

    return fd < 0 ? errno : result(write(fd, text, (size_t)length));
}

static int
try_label(char **arg)
{
    return write_attr("/proc/thread-self/attr/current", "changeprofile", arg[0]);
}

static int
try_exec_label(char **arg)
{
    return write_attr("/proc/thread-self/attr/exec", "exec", arg[0]);
}

static int
try_mknod(char **arg)
{
    return result(
        mknod(arg[0], S_IFBLK | 0600, makedev((unsigned)atoi(arg[1]), (unsigned)atoi(arg[2]))));
}

static int
try_mkfifo(char **arg)
{
    return result(mkfifo(arg[0], 0600));
}

static int
try_module(char **arg)
{
    (void)arg;
    return result(syscall(SYS_init_module, "", 0UL, ""));
}

static int
try_bpf(char **arg)
{
    union bpf_attr attr = {
        .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};

    (void)arg;
    return result(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr));
}

static int
try_reboot(char **arg)
{
    (void)arg;
    /* Not a command that the kernel knows: the capability is asked first. */
    return result(syscall(SYS_reboot, 0xfee1dead, 672274793, 0x12345678, NULL));
}

static int
try_sethostname(char **arg)
{
    return result(sethostname(arg[0], strlen(arg[0])));
}

/* Uses a descriptor that was opened before the label changed. */
static int
try_use(char **arg)
{
    (void)arg;
    return read_fd(prepared.fd);
}

/* Opens such a descriptor again, through /proc, for writing. */
static int
try_reopen(char **arg)
{
    char self[64];

    (void)arg;
    snprintf(self, sizeof self, "/proc/self/fd/%d", prepared.fd);
    return result(open(self, O_WRONLY));
}

/* Classic way out of a chroot: a descriptor from outside it. */
static int
try_escape(char **arg)
{
    if (chroot(arg[0]) < 0)
        return errno;
    return read_fd(openat(prepared.fd, arg[1], O_RDONLY));
}

/* Another: a second chroot, and up. */
static int
try_climb(char **arg)
{
    if (chroot(arg[0]) < 0 || chdir("/") < 0 || mkdir("e2e-climb", 0700) < 0 ||
        chroot("e2e-climb") < 0)
        return errno;
    for (int i = 0; i < 64; i++)
        if (chdir("..") < 0)
            return errno;
    return read_fd(open(arg[1], O_RDONLY));
}

/* A file handle needs no path at all, only CAP_DAC_READ_SEARCH. */
static int
try_handle(char **arg)
{
    (void)arg;
    return read_fd(open_by_handle_at(prepared.fd, &prepared.handle.head, O_RDONLY));
}

/* The same from inside the chroot that virtiofsd lives in. */
static int
try_chroot_handle(char **arg)
{
    if (chroot(arg[1]) < 0)
        return errno;
    return try_handle(arg);
}

/* The preparations, before the label changes: each gives 0 or an errno. */

static int
prepare_read(char **arg)
{
    prepared.fd = open(arg[0], O_RDONLY);
    return result(prepared.fd);
}

static int
prepare_root(char **arg)
{
    (void)arg;
    prepared.fd = open("/", O_PATH | O_DIRECTORY);
    return result(prepared.fd);
}

/* The handle of FILE, and a descriptor on the share DIR to open it against. */
static int
prepare_handle(char **arg)
{
    int mount_id;

    prepared.handle.head.handle_bytes = MAX_HANDLE;
    if (name_to_handle_at(AT_FDCWD, arg[0], &prepared.handle.head, &mount_id, 0) < 0)
        return errno;
    prepared.fd = open(arg[1], O_RDONLY | O_DIRECTORY);
    return result(prepared.fd);
}

static const struct action {
    const char *name;
    int args;
    int (*prepare)(char **arg);
    int (*run)(char **arg);
} actions[] = {
    {"read", 1, NULL, try_read},
    {"list", 1, NULL, try_list},
    {"write", 1, NULL, try_write},
    {"create", 1, NULL, try_create},
    {"unlink", 1, NULL, try_unlink},
    {"mkdir", 1, NULL, try_mkdir},
    {"rename", 2, NULL, try_rename},
    {"link", 2, NULL, try_link},
    {"symlink", 2, NULL, try_symlink},
    {"chmod", 1, NULL, try_chmod},
    {"chown", 1, NULL, try_chown},
    {"setxattr", 1, NULL, try_setxattr},
    {"filecap", 1, NULL, try_filecap},
    {"utime", 1, NULL, try_utime},
    {"truncate", 1, NULL, try_truncate},
    {"exec", 1, NULL, try_exec},
    {"socket", 1, NULL, try_socket},
    {"connect", 1, NULL, try_connect},
    {"mount", 2, NULL, try_mount},
    {"tmpfs", 1, NULL, try_tmpfs},
    {"remount", 1, NULL, try_remount},
    {"umount", 1, NULL, try_umount},
    {"pivot", 1, NULL, try_pivot},
    {"unshare", 1, NULL, try_unshare},
    {"userns-mount", 1, NULL, try_userns_mount},
    {"setns", 1, NULL, try_setns},
    {"ptrace", 1, NULL, try_ptrace},
    {"vmread", 2, NULL, try_vmread},
    {"signal", 1, NULL, try_signal},
    {"label", 1, NULL, try_label},
    {"exec-label", 1, NULL, try_exec_label},
    {"mknod", 3, NULL, try_mknod},
    {"mkfifo", 1, NULL, try_mkfifo},
    {"module", 0, NULL, try_module},
    {"bpf", 0, NULL, try_bpf},
    {"reboot", 0, NULL, try_reboot},
    {"sethostname", 1, NULL, try_sethostname},
    {"use", 1, prepare_read, try_use},
    {"reopen", 1, prepare_read, try_reopen},
    {"escape", 2, prepare_root, try_escape},
    {"climb", 2, NULL, try_climb},
    {"handle", 2, prepare_handle, try_handle},
    {"chroot-handle", 2, prepare_handle, try_chroot_handle},
};

static int
die(const char *what)
{
    fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
    return 2;
}

/* What the child tells the parent, through shared memory. */
struct outcome {
    enum { FORKED, PREPARED, LABELLED } stage;
    int error;
};

/* PROBE_OPENER is a label to prepare under: to AppArmor a file that an
 * unconfined process opened is handed over, and what a confined one opened is
 * judged anew. */
static void
child_try(const struct action *action, const char *label, char **arg, struct outcome *outcome)
{
    char *opener = getenv("PROBE_OPENER");

    if (opener && (outcome->error = try_label(&opener)) != 0)
        return;
    if (action->prepare && (outcome->error = action->prepare(arg)) != 0)
        return;
    outcome->stage = PREPARED;
    if (strcmp(label, "-") != 0 && (outcome->error = try_label((char *[]){(char *)label})) != 0)
        return;
    outcome->stage = LABELLED;
    outcome->error = action->run(arg);
}

static int
run_try(const struct action *action, const char *label, char **arg)
{
    struct outcome *outcome =
        mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child;

    if (outcome == MAP_FAILED)
        return die("mmap");
    child = fork();
    if (child == 0) {
        child_try(action, label, arg, outcome);
        _exit(0);
    }
    if (child < 0 || waitpid(child, NULL, 0) < 0)
        return die("the child");
    errno = outcome->error;
    if (outcome->stage == FORKED)
        return die("preparing");
    if (outcome->stage == PREPARED)
        return die("changing to the label");
    printf("%s%s%s: %s\n", action->name, *arg ? " " : "", *arg ? *arg : "",
           outcome->error ? strerror(outcome->error) : "done");
    if (outcome->error == 0)
        return 0;
    return outcome->error == EACCES || outcome->error == EPERM ? 1 : 2;
}

static int
run_listen(const char *path, char **command)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char open_fd[16];
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (strlen(path) >= sizeof address.sun_path)
        return die("the socket's path is too long");
    strcpy(address.sun_path, path);
    unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0)
        return die(path);
    snprintf(open_fd, sizeof open_fd, "%d", fd);
    for (char **word = command; *word; word++) {
        char *text = *word, *mark = strstr(text, "{fd}"), *closed = strstr(text, "{closed}");

        if (mark && asprintf(word, "%.*s%s%s", (int)(mark - text), text, open_fd, mark + 4) < 0)
            return die("asprintf");
        if (closed && asprintf(word, "%.*s%d%s", (int)(closed - text), text, 99, closed + 8) < 0)
            return die("asprintf");
    }
    execv(command[0], command);
    return die(command[0]);
}

static int
run_hold(const char *label)
{
    printf("ready\n");
    fflush(stdout);
    errno = try_label((char *[]){(char *)label});
    if (errno)
        return die("changing to the label");
    for (;;)
        pause();
}

int
main(int argc, char **argv)
{
    if (argc >= 4 && strcmp(argv[1], "try") == 0)
        for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
            if (strcmp(actions[i].name, argv[3]) == 0 && actions[i].args == argc - 4)
                return run_try(&actions[i], argv[2], argv + 4);
    if (argc >= 4 && strcmp(argv[1], "listen") == 0)
        return run_listen(argv[2], argv + 3);
    if (argc == 3 && strcmp(argv[1], "hold") == 0)
        return run_hold(argv[2]);
    fprintf(stderr, "probe: bad arguments\n");
    return 2;
}
