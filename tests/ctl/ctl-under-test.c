/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * virt-aa-ctl and virt-aa-switch as the tests run them: the same program, on a host that lies below CTL_ROOT as the installed one
 * has it below "/", with the kernel that is a directory (kernel-fake.c). What is installed has none of that.
 */

#include "ctl/ctl.h"
#include "ctl/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"

static const char *root;

/* Never freed, and reachable to the end. */
static const char *
below(const char *path)
{
    g_autofree char *whole = g_strconcat(root, path, NULL);

    return g_intern_string(whole);
}

/* What a test sets, or what lies at @path below the root. */
static const char *
setting(const char *name, const char *path)
{
    const char *value = getenv(name);

    return value && *value ? g_intern_string(value) : below(path);
}

/* CTL_FAULT: "POINT:SKIP:fail" or "POINT:SKIP:crash" */
static void
arm(const char *spec)
{
    static char point[64];
    char kind[16] = "";
    unsigned skip = 0;

    if (spec && sscanf(spec, "%63[^:]:%u:%15s", point, &skip, kind) == 3)
        fault_arm(point, skip, strcmp(kind, "crash") == 0 ? FAULT_CRASH : FAULT_FAIL);
}

int
main(int argc, char **argv)
{
    CtlConfig config = {0};

    root = getenv("CTL_ROOT");
    if (!root) {
        fputs("CTL_ROOT is not set\n", stderr);
        return 99;
    }
    config = (CtlConfig){
        .helper =
            {
                .policy_dir = below("/etc/apparmor.d/libvirt"),
                .include_dir = getenv("CTL_INCLUDE_DIR"),
                .parser = getenv("CTL_PARSER") ? getenv("CTL_PARSER") : APPARMOR_PARSER,
                .host_root = getenv("CTL_HOST_ROOT"),
                .kernel_dir = setting("CTL_KERNEL_DIR", "/kernel"),
                .settings_file = below("/etc/libvirt/virt-aa-virtiofs.conf"),
                .records = below("/run/virt-aa-virtiofs"),
                .launcher = below("/usr/lib/libvirt/virt-aa-virtiofsd"),
                .launcher_json = below("/usr/share/qemu/vhost-user/40-virt-aa-virtiofsd.json"),
                .launcher_mask = below("/etc/qemu/vhost-user/40-virt-aa-virtiofsd.json"),
                .input_fd = STDIN_FILENO,
            },
        .apparmor_dir = below("/etc/apparmor.d"),
        .apparmorfs = setting("CTL_APPARMORFS", "/sys/kernel/security/apparmor"),
        .proc = setting("CTL_PROC", "/proc"),
        .libexecdir = below("/usr/lib/libvirt"),
        .helper_dir = setting("CTL_HELPER_DIR", "/usr/lib/libvirt/virt-aa-virtiofs"),
        .data_json_dir = setting("CTL_DATA_JSON_DIR", "/usr/share/qemu/vhost-user"),
        .sysconf_json_dir = below("/etc/qemu/vhost-user"),
        .pid_dir = below("/run/libvirt/qemu"),
        .user_dir = below("/run/user"),
        .log_dir = below("/var/log/libvirt/qemu"),
        .audit_log = below("/var/log/audit/audit.log"),
        .journal_dir = getenv("CTL_JOURNAL_DIR"),
        .uri = getenv("CTL_URI") ? getenv("CTL_URI") : "test:///default",
        .dpkg_dir = below("/var/lib/dpkg"),
        .dpkg_bin = getenv("CTL_DPKG_BIN") ? getenv("CTL_DPKG_BIN") : "/usr/bin",
        .launcher_ms = 300,
    };
    arm(getenv("CTL_FAULT"));
    return ctl_main(&PROGRAM_UNDER_TEST, &config, argc, argv);
}
