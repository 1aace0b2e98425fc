/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/commandline.h"

/*
 * QEMU's options and keys, of 5.2 to 10.1 (qemu-options.hx and the QAPI schemas); what was removed by then
 * stays for those who have it.
 */

/* clang-format off */
const OptionRow commandline_options[] = {
    {"accel", READ_PAIRS, "accel"},
    {"acpitable", READ_PAIRS, .rest_is_text = TRUE},
    {"action", READ_TEXT},
    {"add-fd", READ_TEXT},
    {"alt-grab", READ_ALONE},
    {"append", READ_TEXT},
    {"async-teardown", READ_ALONE},
    {"audio", READ_PAIRS, "driver"},
    {"audio-help", READ_ALONE},
    {"audiodev", READ_PAIRS, "driver"},
    {"bios", READ_VALUE, NULL, MEANS_FIRMWARE},
    {"blockdev", READ_BLOCKDEV, "driver"},
    {"boot", READ_PAIRS, "order"},
    {"cdrom", READ_IMAGE},
    {"chardev", READ_PAIRS, "backend"},
    {"chroot", READ_TEXT},
    {"compat", READ_TEXT},
    {"cpu", READ_TEXT},
    {"ctrl-grab", READ_ALONE},
    {"curses", READ_ALONE},
    {"D", READ_VALUE, NULL, MEANS_LOG},
    {"d", READ_TEXT},
    {"daemonize", READ_ALONE},
    {"debugcon", READ_CHARDEV},
    {"device", READ_PAIRS, "driver"},
    {"dfilter", READ_TEXT},
    {"display", READ_PAIRS, "type"},
    {"drive", READ_DRIVE},
    {"dtb", READ_VALUE, NULL, MEANS_READ},
    {"dump-vmstate", READ_VALUE, NULL, MEANS_WRITE},
    {"echr", READ_TEXT},
    {"enable-kvm", READ_ALONE},
    {"enable-sync-profile", READ_ALONE},
    {"fda", READ_IMAGE},
    {"fdb", READ_IMAGE},
    {"fsdev", READ_PAIRS, "fsdriver"},
    {"full-screen", READ_ALONE},
    {"fw_cfg", READ_PAIRS, "name", .rest_is_text = TRUE},
    {"g", READ_TEXT},
    {"gdb", READ_CHARDEV},
    {"global", READ_GLOBAL},
    {"h", READ_ALONE},
    {"hda", READ_IMAGE},
    {"hdb", READ_IMAGE},
    {"hdc", READ_IMAGE},
    {"hdd", READ_IMAGE},
    {"help", READ_ALONE},
    {"icount", READ_PAIRS, "shift"},
    {"incoming", READ_INCOMING},
    {"initrd", READ_VALUE, NULL, MEANS_READ},
    {"iscsi", READ_TEXT},
    {"jitdump", READ_ALONE},
    {"k", READ_TEXT},
    {"kernel", READ_VALUE, NULL, MEANS_READ},
    {"L", READ_VALUE, NULL, MEANS_READ_TREE},
    {"loadvm", READ_TEXT},
    {"localtime", READ_ALONE},
    {"M", READ_PAIRS, "type"},
    {"m", READ_TEXT},
    {"machine", READ_PAIRS, "type"},
    {"mem-path", READ_VALUE, NULL, MEANS_MEMORY},
    {"mem-prealloc", READ_ALONE},
    {"mon", READ_TEXT},
    {"monitor", READ_CHARDEV},
    {"msg", READ_TEXT},
    {"mtdblock", READ_IMAGE},
    {"name", READ_TEXT},
    {"net", READ_PAIRS, "type"},
    {"netdev", READ_PAIRS, "type"},
    {"nic", READ_PAIRS, "type"},
    {"no-acpi", READ_ALONE},
    {"no-fd-bootchk", READ_ALONE},
    {"no-hpet", READ_ALONE},
    {"no-quit", READ_ALONE},
    {"no-reboot", READ_ALONE},
    {"no-shutdown", READ_ALONE},
    {"no-user-config", READ_ALONE},
    {"nodefaults", READ_ALONE},
    {"nodefconfig", READ_ALONE},
    {"nographic", READ_ALONE},
    {"numa", READ_TEXT},
    {"object", READ_PAIRS, "qom-type"},
    {"only-migratable", READ_ALONE},
    {"option-rom", READ_PAIRS, "romfile"},
    {"overcommit", READ_TEXT},
    {"parallel", READ_CHARDEV},
    {"perfmap", READ_ALONE},
    {"pflash", READ_IMAGE},
    {"pidfile", READ_VALUE, NULL, MEANS_LOCK},
    {"plugin", READ_PAIRS, "file"},
    {"portrait", READ_ALONE},
    {"preconfig", READ_ALONE},
    {"prom-env", READ_TEXT},
    {"qmp", READ_CHARDEV},
    {"qmp-pretty", READ_CHARDEV},
    {"qtest", READ_CHARDEV},
    {"qtest-log", READ_VALUE, NULL, MEANS_WRITE},
    {"readconfig", READ_CONFIG},
    {"realtime", READ_TEXT},
    {"rotate", READ_TEXT},
    {"rtc", READ_TEXT},
    {"run-with", READ_TEXT},
    {"runas", READ_TEXT},
    {"S", READ_ALONE},
    {"s", READ_ALONE},
    {"sandbox", READ_TEXT},
    {"sd", READ_IMAGE},
    {"sdl", READ_ALONE},
    {"seed", READ_TEXT},
    {"semihosting", READ_ALONE},
    {"semihosting-config", READ_TEXT},
    {"serial", READ_CHARDEV},
    {"set", READ_SET},
    {"shim", READ_VALUE, NULL, MEANS_READ},
    {"singlestep", READ_ALONE},
    {"smbios", READ_PAIRS, .rest_is_text = TRUE},
    {"smp", READ_TEXT},
    {"snapshot", READ_ALONE},
    {"spice", READ_PAIRS},
    {"tb-size", READ_TEXT},
    {"tpmdev", READ_PAIRS, "type"},
    {"trace", READ_PAIRS, "enable"},
    {"usb", READ_ALONE},
    {"usbdevice", READ_TEXT},
    {"uuid", READ_TEXT},
    {"version", READ_ALONE},
    {"vga", READ_TEXT},
    {"virtfs", READ_PAIRS, "fsdriver"},
    {"vnc", READ_PAIRS, "vnc"},
    {"watchdog", READ_TEXT},
    {"watchdog-action", READ_TEXT},
    {"win2k-hack", READ_ALONE},
    {"writeconfig", READ_VALUE, NULL, MEANS_WRITE},
    {"xen-attach", READ_ALONE},
    {"xen-domid", READ_TEXT},
    {"xen-domid-restrict", READ_ALONE},
    {NULL},
};

/* Of the rows that match, the first counts. */
const KeyRow commandline_keys[] = {
    {"accel", NULL, "device", MEANS_WRITE},
    {"acpitable", NULL, "file", MEANS_LIST},
    {"acpitable", NULL, "data", MEANS_LIST},
    {"audiodev", "wav", "path", MEANS_WRITE},
    {"audiodev", "oss", "in.dev", MEANS_WRITE, "/dev/dsp"},
    {"audiodev", "oss", "out.dev", MEANS_WRITE, "/dev/dsp"},
    {"audiodev", "pa", "server", MEANS_UNIX},
    {"boot", NULL, "splash", MEANS_FIRMWARE},
    {"chardev", NULL, "logfile", MEANS_WRITE},
    {"chardev", "file", "path", MEANS_WRITE},
    {"chardev", "file", "out", MEANS_WRITE},
    {"chardev", "file", "input-path", MEANS_READ},
    {"chardev", "file", "in", MEANS_READ},
    {"chardev", "pipe", "path", MEANS_PIPE},
    {"chardev", "pipe", "device", MEANS_PIPE},
    {"chardev", "socket", "path", MEANS_WRITE, .unless = "abstract"},
    {"chardev", "serial tty parallel parport pty", "path", MEANS_WRITE},
    {"chardev", "serial tty parallel parport", "device", MEANS_WRITE},
    /* devices */
    {"device", "vfio-*", "host", MEANS_PCI},
    {"device", "vfio-*", "sysfsdev", MEANS_VFIO},
    {"device", "vfio-*", "iommufd", MEANS_IOMMUFD, .unless = "fd"},
    {"device", "usb-host", "hostdevice", MEANS_WRITE},
    {"device", "usb-host", "hostbus", MEANS_USB},
    {"device", "usb-host", "hostport", MEANS_USB},
    {"device", "usb-host", "vendorid", MEANS_USB},
    {"device", "virtio-input-host*", "evdev", MEANS_WRITE},
    {"device", "vhost-vdpa-*", "vhostdev", MEANS_WRITE},
    {"device", "vhost-vsock-*", NULL, MEANS_WRITE, "/dev/vhost-vsock", "vhostfd"},
    {"device", "vhost-scsi*", NULL, MEANS_WRITE, "/dev/vhost-scsi", "vhostfd"},
    {"device", "vfio-user-pci", "socket.path", MEANS_WRITE},
    {"device", "u2f-passthru", "hidraw", MEANS_WRITE},
    {"device", "u2f-emulated", "cert", MEANS_READ},
    {"device", "u2f-emulated", "privkey", MEANS_READ},
    {"device", "u2f-emulated", "entropy", MEANS_READ},
    {"device", "u2f-emulated", "counter", MEANS_WRITE},
    {"device", "u2f-emulated", "dir", MEANS_READ_TREE},
    {"device", "usb-mtp", "rootdir", MEANS_TREE},
    {"device", "ccid-card-emulated", "db", MEANS_READ_TREE},
    {"device", "ipmi-bmc-sim", "sdrfile", MEANS_READ},
    {"device", "ipmi-bmc-sim", "frudatafile", MEANS_READ},
    {"device", "loader", "file", MEANS_READ},
    {"device", "guest-loader", "kernel", MEANS_READ},
    {"device", "guest-loader", "initrd", MEANS_READ},
    {"device", "virtio-gpu-rutabaga* virtio-vga-rutabaga", "wayland-socket-path", MEANS_WRITE},
    {"device", NULL, "romfile", MEANS_FIRMWARE},
    {"device", NULL, "bus", MEANS_NOTHING},
    {"display", NULL, "rendernode", MEANS_RENDER},
    {"display", "egl-headless", NULL, MEANS_GL, "on"},
    {"display", "dbus spice-app", "gl", MEANS_GL},
    {"display", NULL, "vnc", MEANS_UNIX},
    {"fsdev", "local", "path", MEANS_TREE},
    {"fsdev", "proxy", "socket", MEANS_WRITE},
    {"fw_cfg", NULL, "file", MEANS_READ},
    {"icount", NULL, "rrfile", MEANS_REPLAY},
    {"incoming", NULL, "addr.path", MEANS_WRITE, .unless = "addr.abstract"},
    {"incoming", NULL, "addr.filename", MEANS_READ},
    {"incoming", NULL, "addr.args.0", MEANS_RUN},
    {"machine", NULL, "kernel", MEANS_READ},
    {"machine", NULL, "initrd", MEANS_READ},
    {"machine", NULL, "shim", MEANS_READ},
    {"machine", NULL, "dtb", MEANS_READ},
    {"machine", NULL, "dumpdtb", MEANS_WRITE},
    {"machine", NULL, "firmware", MEANS_FIRMWARE},
    {"machine", NULL, "append", MEANS_NOTHING},
    /* networks */
    {"netdev", "tap", "vhost", MEANS_SWITCH, "/dev/vhost-net", "vhostfd"},
    {"netdev", "tap", "vhostforce", MEANS_SWITCH, "/dev/vhost-net", "vhostfd"},
    {"netdev", "tap", "script", MEANS_RUN},
    {"netdev", "tap", "downscript", MEANS_RUN},
    {"netdev", "tap bridge", "helper", MEANS_RUN},
    {"netdev", "vhost-vdpa", "vhostdev", MEANS_WRITE},
    {"netdev", "stream", "addr.path", MEANS_WRITE, .unless = "addr.abstract"},
    {"netdev", "dgram", "local.path", MEANS_WRITE},
    {"netdev", "dgram", "remote.path", MEANS_WRITE},
    {"netdev", "user", "tftp", MEANS_READ_TREE},
    {"netdev", "user", "bootfile", MEANS_NOTHING},
    {"netdev", "user", "smb", MEANS_RUN},
    {"netdev", "netmap", "devname", MEANS_WRITE, "/dev/netmap"},
    {"netdev", "af-xdp", "map-path", MEANS_WRITE},
    {"netdev", "passt", "path", MEANS_RUN},
    /* objects */
    {"object", "memory-backend-file", "mem-path", MEANS_MEMORY},
    {"object", "memory-backend-epc", NULL, MEANS_WRITE, "/dev/sgx_vepc"},
    {"object", "rng-random", "filename", MEANS_READ},
    {"object", "input-linux", "evdev", MEANS_WRITE},
    {"object", "secret", "file", MEANS_READ},
    {"object", "secret", "data", MEANS_NOTHING},
    {"object", "tls-creds-*", "dir", MEANS_CREDENTIALS},
    {"object", "filter-dump", "file", MEANS_WRITE},
    {"object", "authz-list-file", "filename", MEANS_READ},
    {"object", "authz-*", "identity", MEANS_NOTHING},
    {"object", "pr-manager-helper", "path", MEANS_WRITE},
    {"object", "sev-guest sev-snp-guest", "sev-device", MEANS_WRITE, "/dev/sev"},
    {"object", "sev-guest", "dh-cert-file", MEANS_READ},
    {"object", "sev-guest", "session-file", MEANS_READ},
    {"object", "tdx-guest", "quote-generation-socket.path", MEANS_WRITE},
    {"object", "iommufd", NULL, MEANS_WRITE, "/dev/iommu", "fd"},
    {"object", "igvm-cfg", "file", MEANS_READ},
    {"object", "x-vfio-user-server", "socket.path", MEANS_WRITE},
    {"option-rom", NULL, "romfile", MEANS_FIRMWARE},
    {"plugin", NULL, "file", MEANS_LOAD},
    {"smbios", NULL, "file", MEANS_READ},
    {"smbios", NULL, "path", MEANS_READ},
    {"spice", NULL, "x509-dir", MEANS_CREDENTIALS},
    {"spice", NULL, "x509-key-file", MEANS_READ},
    {"spice", NULL, "x509-cert-file", MEANS_READ},
    {"spice", NULL, "x509-cacert-file", MEANS_READ},
    {"spice", NULL, "x509-dh-key-file", MEANS_READ},
    {"spice", NULL, "addr", MEANS_UNIX},
    {"spice", NULL, "rendernode", MEANS_RENDER},
    {"spice", NULL, "gl", MEANS_GL},
    {"tpmdev", "passthrough", "path", MEANS_WRITE, "/dev/tpm0"},
    {"tpmdev", "passthrough", "cancel-path", MEANS_WRITE},
    {"trace", NULL, "events", MEANS_READ},
    {"trace", NULL, "file", MEANS_WRITE},
    {"vnc", NULL, "vnc", MEANS_UNIX},
    {"vnc", NULL, "websocket", MEANS_UNIX},
    /* the environment, as if each variable were a key */
    {"env", NULL, "PULSE_SERVER", MEANS_UNIX},
    {"env", NULL, "QEMU_PA_SERVER", MEANS_UNIX},
    {"env", NULL, "PULSE_COOKIE", MEANS_WRITE},
    {"env", NULL, "PULSE_CLIENTCONFIG", MEANS_READ},
    {"env", NULL, "QEMU_WAV_PATH", MEANS_WRITE},
    {"env", NULL, "QEMU_OSS_ADC_DEV", MEANS_WRITE},
    {"env", NULL, "QEMU_OSS_DAC_DEV", MEANS_WRITE},
    {"env", NULL, "XAUTHORITY", MEANS_READ},
    {"env", NULL, "LD_PRELOAD", MEANS_LOAD},
    {NULL},
};
/* clang-format on */

/* Options and groups whose keys are those of another: a name, and that other's. */
static const char *const same[][2] = {
    {"M", "machine"},  {"audio", "audiodev"}, {"net", "netdev"},
    {"nic", "netdev"}, {"virtfs", "fsdev"},   {"acpi", "acpitable"},
    {"memory", "m"},   {"boot-opts", "boot"}, {"smp-opts", "smp"},
};

static const char *
name_of_same(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(same); i++)
        if (g_str_equal(same[i][0], name))
            return same[i][1];
    return name;
}

const OptionRow *
commandline_option(const char *name)
{
    for (const OptionRow *row = commandline_options; row->name; row++)
        if (g_str_equal(row->name, name))
            return row;
    /* groups of a file of options have names of their own */
    return g_str_equal(name_of_same(name), name) ? NULL : commandline_option(name_of_same(name));
}

gboolean
commandline_kind_is(const char *kinds, const char *kind)
{
    g_auto(GStrv) patterns = NULL;

    if (!kinds || !kind)
        return TRUE;
    patterns = g_strsplit(kinds, " ", -1);
    for (char **pattern = patterns; *pattern; pattern++)
        if (g_pattern_match_simple(*pattern, kind))
            return TRUE;
    return FALSE;
}

const KeyRow *
commandline_key(const char *option, const char *kind, const char *key)
{
    const char *of = name_of_same(option);

    for (const KeyRow *row = commandline_keys; row->option; row++)
        if (row->key && g_str_equal(row->option, of) && g_str_equal(row->key, key) &&
            commandline_kind_is(row->kinds, kind))
            return row;
    return NULL;
}

gboolean
commandline_text_key(const char *key)
{
    static const char *const names[] = {"id",     "name",   "node-name", "serial", "tag",
                                        "append", "export", "mount_tag", "model",  NULL};

    return g_strv_contains(names, key);
}
