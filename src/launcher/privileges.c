/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>

#include "basic/message.h"

/*
 * What both daemons keep for serving, then what they drop after their start: seen in their capset() and
 * chroot(). Neither can do without one of them in its own list, even if the share is read-only.
 */
static const int needed[] = {
    CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,          CAP_FSETID,  CAP_MKNOD,      CAP_SETFCAP,
    CAP_SETGID, CAP_SETUID,       CAP_DAC_READ_SEARCH, CAP_SETPCAP, CAP_SYS_CHROOT,
};

static bool
is_needed(int capability)
{
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        if (needed[i] == capability)
            return true;
    return false;
}

void
privileges_raise_limit(const System *system, const Needs *needs)
{
    uint64_t wanted = needs->descriptors_given ? needs->descriptors : PRIVILEGES_DESCRIPTORS;
    uint64_t most = system->most_descriptors();

    /* the default gives way to the kernel's own limit, what was asked for does not */
    if (!needs->descriptors_given && wanted > most)
        wanted = most;
    if (wanted > 0 && wanted <= most)
        system->raise_descriptors(wanted);
}

bool
privileges_drop(const System *system, const Needs *needs, Failure *failure)
{
    int capability;

    if (needs->capabilities)
        return true;
    for (capability = 0; system->may_gain(capability) >= 0; capability++) {
        if (is_needed(capability))
            continue;
        if (system->drop_capability(capability) < 0)
            return failure_errno(failure, errno, NULL, _("cannot drop capability %d"), capability);
        if (system->may_gain(capability) != 0)
            return failure_set(failure, NULL, _("capability %d was not dropped"), capability);
    }
    /* the kernel says which is the last: any other error, or one this early, would leave the rest */
    if (errno != EINVAL || capability <= CAP_SETFCAP)
        return failure_errno(failure, errno, NULL, _("cannot ask for capability %d"), capability);
    return true;
}
