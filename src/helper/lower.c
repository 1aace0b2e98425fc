/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/lower.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <linux/capability.h>

#include "base/error.h"
#include "base/limits.h"
#include "basic/power.h"

/*
 * The files that are written are root's, in root's directories, and so are those that the parser reads:
 * being root is enough for them.
 */
static const PowerSet kept = POWER_OF(CAP_DAC_READ_SEARCH) | /* images, which are QEMU's */
                             POWER_OF(CAP_MAC_ADMIN);        /* the kernel's policy */

/* What addresses the sanitizers take, or valgrind (scripts/valgrind), is theirs to say. */
static gboolean
limit_memory(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(UNDER_VALGRIND)
    return TRUE;
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
    return TRUE;
#    else
    return power_limit(RLIMIT_AS, LIMIT_HELPER_MEMORY_BYTES, 0);
#    endif
#else
    return power_limit(RLIMIT_AS, LIMIT_HELPER_MEMORY_BYTES, 0);
#endif
}

/* Nor does valgrind let a limit go below its own descriptors. */
static gboolean
limit_files(void)
{
#ifdef UNDER_VALGRIND
    return TRUE;
#else
    return power_limit(RLIMIT_NOFILE, LIMIT_HELPER_FILES, 0);
#endif
}

gboolean
lower_power(GError **error)
{
    if (!power_limit(RLIMIT_CORE, 0, 0) || !limit_files() ||
        !power_limit(RLIMIT_CPU, LIMIT_HELPER_CPU_SECONDS, 1) || !limit_memory())
        return base_set_errno_error(error, errno, _("cannot limit what this process may use"));
    if (!power_keep(kept))
        return base_set_errno_error(error, errno, _("cannot give up privileges"));
    return TRUE;
}
