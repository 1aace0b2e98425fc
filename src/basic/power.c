/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/power.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Capabilities fit in two of the words of capget(2); the kernel has 41, and says itself where they end. */
#define MOST_CAPABILITIES 64

#define SECURE_BITS \
    (SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED)

typedef struct {
    PowerSet effective;
    PowerSet permitted;
    PowerSet inheritable;
} Power;

static bool
get_power(Power *power)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

    if (syscall(SYS_capget, &header, data) < 0)
        return false;
    power->effective = data[0].effective | (PowerSet)data[1].effective << 32;
    power->permitted = data[0].permitted | (PowerSet)data[1].permitted << 32;
    power->inheritable = data[0].inheritable | (PowerSet)data[1].inheritable << 32;
    return true;
}

static bool
set_power(const Power *power)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
        {(uint32_t)power->effective, (uint32_t)power->permitted, (uint32_t)power->inheritable},
        {(uint32_t)(power->effective >> 32), (uint32_t)(power->permitted >> 32),
         (uint32_t)(power->inheritable >> 32)},
    };

    return syscall(SYS_capset, &header, data) == 0;
}

/* One after the other until the kernel knows no more. */
static void
bound(PowerSet keep)
{
    for (unsigned capability = 0; capability < MOST_CAPABILITIES; capability++)
        if (!(keep & POWER_OF(capability)) && prctl(PR_CAPBSET_DROP, capability, 0UL, 0UL, 0UL) < 0)
            return;
}

bool
power_keep(PowerSet keep)
{
    Power power;

    if (!get_power(&power))
        return false;
    /* the first tells whether the others are allowed, at the price of one line in the log */
    if (power.effective & POWER_OF(CAP_SETPCAP) &&
        prctl(PR_SET_SECUREBITS, (unsigned long)SECURE_BITS, 0UL, 0UL, 0UL) == 0)
        bound(keep);
    prctl(PR_CAP_AMBIENT, (unsigned long)PR_CAP_AMBIENT_CLEAR_ALL, 0UL, 0UL, 0UL);
    power = (Power){.effective = power.permitted & keep, .permitted = power.permitted & keep};
    if (!set_power(&power) || !get_power(&power))
        return false;
    errno = EPERM;
    return !((power.effective | power.permitted | power.inheritable) & ~keep);
}

bool
power_pass_on(PowerSet pass)
{
    Power power;

    if (!get_power(&power))
        return false;
    power.inheritable = power.permitted & pass;
    if (!set_power(&power))
        return false;
    for (unsigned capability = 0; capability < MOST_CAPABILITIES; capability++)
        if (power.inheritable & POWER_OF(capability) &&
            prctl(PR_CAP_AMBIENT, (unsigned long)PR_CAP_AMBIENT_RAISE, (unsigned long)capability,
                  0UL, 0UL) < 0)
            return false;
    return true;
}

bool
power_limit(__rlimit_resource_t resource, rlim_t amount, rlim_t grace)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) < 0)
        return false;
    if (limit.rlim_cur > amount)
        limit.rlim_cur = amount;
    if (limit.rlim_max > amount + grace)
        limit.rlim_max = amount + grace;
    return setrlimit(resource, &limit) == 0;
}
