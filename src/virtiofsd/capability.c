/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "virtiofsd/capability.h"

#include <string.h>
#include <strings.h>

#include "basic/message.h"

static const char *const names[CAPABILITY_COUNT] = {
    [CAP_CHOWN] = "chown",
    [CAP_DAC_OVERRIDE] = "dac_override",
    [CAP_DAC_READ_SEARCH] = "dac_read_search",
    [CAP_FOWNER] = "fowner",
    [CAP_FSETID] = "fsetid",
    [CAP_KILL] = "kill",
    [CAP_SETGID] = "setgid",
    [CAP_SETUID] = "setuid",
    [CAP_SETPCAP] = "setpcap",
    [CAP_LINUX_IMMUTABLE] = "linux_immutable",
    [CAP_NET_BIND_SERVICE] = "net_bind_service",
    [CAP_NET_BROADCAST] = "net_broadcast",
    [CAP_NET_ADMIN] = "net_admin",
    [CAP_NET_RAW] = "net_raw",
    [CAP_IPC_LOCK] = "ipc_lock",
    [CAP_IPC_OWNER] = "ipc_owner",
    [CAP_SYS_MODULE] = "sys_module",
    [CAP_SYS_RAWIO] = "sys_rawio",
    [CAP_SYS_CHROOT] = "sys_chroot",
    [CAP_SYS_PTRACE] = "sys_ptrace",
    [CAP_SYS_PACCT] = "sys_pacct",
    [CAP_SYS_ADMIN] = "sys_admin",
    [CAP_SYS_BOOT] = "sys_boot",
    [CAP_SYS_NICE] = "sys_nice",
    [CAP_SYS_RESOURCE] = "sys_resource",
    [CAP_SYS_TIME] = "sys_time",
    [CAP_SYS_TTY_CONFIG] = "sys_tty_config",
    [CAP_MKNOD] = "mknod",
    [CAP_LEASE] = "lease",
    [CAP_AUDIT_WRITE] = "audit_write",
    [CAP_AUDIT_CONTROL] = "audit_control",
    [CAP_SETFCAP] = "setfcap",
    [CAP_MAC_OVERRIDE] = "mac_override",
    [CAP_MAC_ADMIN] = "mac_admin",
    [CAP_SYSLOG] = "syslog",
    [CAP_WAKE_ALARM] = "wake_alarm",
    [CAP_BLOCK_SUSPEND] = "block_suspend",
    [CAP_AUDIT_READ] = "audit_read",
    [CAP_PERFMON] = "perfmon",
    [CAP_BPF] = "bpf",
    [CAP_CHECKPOINT_RESTORE] = "checkpoint_restore",
};

const char *
capability_name(unsigned number)
{
    return names[number];
}

/* The set that has only the capability called @name, in letters of either case; empty for none. */
static Capabilities
find(const char *name, size_t length)
{
    for (unsigned i = 0; i < CAPABILITY_COUNT; i++)
        if (strlen(names[i]) == length && strncasecmp(names[i], name, length) == 0)
            return CAPABILITY_BIT(i);
    return 0;
}

/* The end of the change that begins at @at. */
static const char *
change_end(const char *at, const char *end)
{
    const char *colon = memchr(at, ':', (size_t)(end - at));

    return colon ? colon : end;
}

bool
capability_check(const char *list, size_t length, Failure *failure)
{
    const char *end = list + length;

    for (const char *at = list;; at++) {
        const char *change = at;

        at = change_end(change, end);
        if (at == change || (*change != '+' && *change != '-') ||
            !find(change + 1, (size_t)(at - change) - 1))
            return failure_set(failure, NULL,
                               _("'%.*s' is not + or - and the name of a capability, as in "
                                 "+sys_admin"),
                               (int)(at - change), change);
        if (at == end)
            return true;
    }
}

Capabilities
capability_apply(const char *list, size_t length, Capabilities capabilities)
{
    const char *end = list + length;

    for (const char *at = list; at < end; at++) {
        const char *change = at;
        Capabilities one;

        at = change_end(change, end);
        one = at > change ? find(change + 1, (size_t)(at - change) - 1) : 0;
        if (*change == '+')
            capabilities |= one;
        if (*change == '-')
            capabilities &= ~one;
    }
    return capabilities;
}
