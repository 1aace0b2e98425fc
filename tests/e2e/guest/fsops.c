/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File operations that busybox has no applet for, run inside the nested guest.
 *
 *   fsops setxattr FILE NAME VALUE      fsops getxattr FILE NAME
 *   fsops flock FILE                    exclusive; a second descriptor is refused
 *   fsops fcntl FILE                    a record lock
 *   fsops tmpfile DIR NAME              O_TMPFILE, then linked to NAME
 *   fsops exchange ONE OTHER            renameat2(RENAME_EXCHANGE)
 *   fsops mmap FILE TEXT                writes through a shared mapping
 *   fsops punch FILE                    fallocate(): room, and a hole
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static int
fail(const char *what)
{
    fprintf(stderr, "fsops: %s: %s\n", what, strerror(errno));
    return 1;
}

static int
do_setxattr(char **arg)
{
    if (setxattr(arg[0], arg[1], arg[2], strlen(arg[2]), 0) < 0)
        return fail("setxattr");
    return 0;
}

static int
do_getxattr(char **arg)
{
    char value[256];
    ssize_t n = getxattr(arg[0], arg[1], value, sizeof value);

    if (n < 0)
        return fail("getxattr");
    printf("%.*s\n", (int)n, value);
    return 0;
}

static int
do_flock(char **arg)
{
    int one = open(arg[0], O_RDWR | O_CREAT, 0644), other = open(arg[0], O_RDWR);

    if (one < 0 || other < 0)
        return fail("open");
    if (flock(one, LOCK_EX | LOCK_NB) < 0)
        return fail("flock");
    if (flock(other, LOCK_EX | LOCK_NB) == 0) {
        fprintf(stderr, "fsops: two exclusive locks on one file\n");
        return 1;
    }
    return errno == EWOULDBLOCK ? 0 : fail("second flock");
}

static int
do_fcntl(char **arg)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(arg[0], O_RDWR | O_CREAT, 0644);

    if (fd < 0)
        return fail("open");
    return fcntl(fd, F_SETLK, &lock) < 0 ? fail("fcntl") : 0;
}

static int
do_tmpfile(char **arg)
{
    char self[64];
    int fd = open(arg[0], O_TMPFILE | O_RDWR, 0600);

    /* Not every server offers it: then there is nothing to prove. */
    if (fd < 0 && errno == EOPNOTSUPP)
        return 0;
    if (fd < 0)
        return fail("O_TMPFILE");
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, arg[1], AT_SYMLINK_FOLLOW) < 0 ? fail("linkat") : 0;
}

static int
do_exchange(char **arg)
{
    return renameat2(AT_FDCWD, arg[0], AT_FDCWD, arg[1], RENAME_EXCHANGE) < 0 ? fail("renameat2")
                                                                              : 0;
}

static int
do_mmap(char **arg)
{
    size_t length = strlen(arg[1]);
    int fd = open(arg[0], O_RDWR | O_CREAT, 0644);
    char *map;

    if (fd < 0 || ftruncate(fd, (off_t)length) < 0)
        return fail("open");
    map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return fail("mmap");
    memcpy(map, arg[1], length);
    return msync(map, length, MS_SYNC) < 0 ? fail("msync") : 0;
}

static int
do_punch(char **arg)
{
    int fd = open(arg[0], O_RDWR | O_CREAT, 0644);

    if (fd < 0)
        return fail("open");
    if (fallocate(fd, 0, 0, 65536) < 0)
        return fail("fallocate");
    if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) < 0)
        return fail("punch");
    return 0;
}

static const struct {
    const char *name;
    int args;
    int (*run)(char **arg);
} commands[] = {
    {"setxattr", 3, do_setxattr}, {"getxattr", 2, do_getxattr}, {"flock", 1, do_flock},
    {"fcntl", 1, do_fcntl},       {"tmpfile", 2, do_tmpfile},   {"exchange", 2, do_exchange},
    {"mmap", 2, do_mmap},         {"punch", 1, do_punch},
};

int
main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 == commands[i].args)
            return commands[i].run(argv + 2);
    fprintf(stderr, "fsops: bad command\n");
    return 2;
}
