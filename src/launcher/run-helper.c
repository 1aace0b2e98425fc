/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/run-helper.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "basic/child.h"
#include "basic/message.h"

/* Keeps the end of what the helper prints, and hands all of it on. */
typedef struct {
    char text[RUN_HELPER_MESSAGE_BYTES + 1];
    size_t length;
} Output;

static void
add_output(void *data, const char *bytes, size_t n)
{
    Output *output = data;
    ssize_t written = write(STDERR_FILENO, bytes, n);

    (void)written; /* nowhere to say that it cannot be said */
    if (n > RUN_HELPER_MESSAGE_BYTES) {
        bytes += n - RUN_HELPER_MESSAGE_BYTES;
        n = RUN_HELPER_MESSAGE_BYTES;
    }
    if (output->length + n > RUN_HELPER_MESSAGE_BYTES) {
        size_t drop = output->length + n - RUN_HELPER_MESSAGE_BYTES;

        memmove(output->text, output->text + drop, output->length - drop);
        output->length -= drop;
    }
    memcpy(output->text + output->length, bytes, n);
    output->length += n;
    output->text[output->length] = '\0';
}

static const char *
last_line(Output *output)
{
    char *newline;

    while (output->length > 0 && output->text[output->length - 1] == '\n')
        output->text[--output->length] = '\0';
    newline = strrchr(output->text, '\n');
    return newline ? newline + 1 : output->text;
}

const char *
run_helper_todo(void)
{
    return _("look at what virt-aa-helper logged, and start the VM again");
}

/* How it ended, once it has. */
static bool
judge(const char *path, int status, Output *output, Failure *failure)
{
    if (!WIFEXITED(status))
        return failure_set(failure, run_helper_todo(), _("%s was killed by signal %d"), path,
                           WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return failure_set(failure, run_helper_todo(), _("%s failed with status %d (%s)"), path,
                           WEXITSTATUS(status), last_line(output));
    return true;
}

bool
run_helper(const char *path, char *const argv[], int timeout_ms, Failure *failure)
{
    Output output = {.length = 0};
    const Child child = {
        .path = path,
        .argv = (const char *const *)argv,
        .envp = (const char *const *)environ, /* as it was reduced when we began */
        .in = CHILD_NULL,
        .out = CHILD_PIPE,
        .err = CHILD_PIPE,
        .take = add_output,
        .data = &output,
        .limit_ms = timeout_ms,
        .fate = CHILD_LEFT,
    };
    const time_t start = time(NULL);
    int status = 0;

    switch (child_run(&child, &status)) {
    case CHILD_ENDED:
        return judge(path, status, &output, failure);
    case CHILD_LATE:
        return failure_set(failure, run_helper_todo(), _("%s has not answered within %d seconds"),
                           path, (int)(time(NULL) - start));
    case CHILD_NOT_STARTED:
        return failure_errno(failure, errno, run_helper_todo(), _("cannot run %s"), path);
    case CHILD_LOST:
        break;
    }
    return failure_errno(failure, errno, run_helper_todo(), _("cannot learn how %s ended"), path);
}
