/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/standard.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

bool
standard_fill(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* the lowest that is free, and those below are not */
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    }
    return true;
}

void
standard_outlive(int number)
{
    signal(number, SIG_IGN);
}
