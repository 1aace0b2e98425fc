/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/fault.h"

#ifdef ENABLE_FAULTS
#    include <errno.h>
#    include <signal.h>

static const char *armed;
static guint passing;
static FaultKind armed_kind;

void
fault_arm(const char *name, guint skip, FaultKind kind)
{
    armed = name;
    passing = skip;
    armed_kind = kind;
}

gboolean
fault_check(const char *name)
{
    if (g_strcmp0(name, armed) != 0)
        return FALSE;
    if (passing > 0) {
        passing--;
        return FALSE;
    }
    if (armed_kind == FAULT_CRASH)
        raise(SIGKILL);
    armed = NULL;
    if (armed_kind == FAULT_STOP)
        raise(SIGSTOP);
    errno = EIO;
    return armed_kind != FAULT_STOP;
}
#endif
