/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/helper.h"

#include <unistd.h>

int
main(int argc, char **argv)
{
    static const HelperConfig config = {
        .policy_dir = APPARMOR_DIR "/libvirt",
        .parser = APPARMOR_PARSER,
        .settings_file = SYSCONFDIR "/libvirt/virt-aa-virtiofs.conf",
#ifdef WITH_LAUNCHER
        .records = RUNSTATEDIR "/virt-aa-virtiofs",
        .launcher = LIBVIRT_LIBEXECDIR "/virt-aa-virtiofsd",
        .launcher_json = DATADIR "/qemu/vhost-user/40-virt-aa-virtiofsd.json",
        .launcher_mask = SYSCONFDIR "/qemu/vhost-user/40-virt-aa-virtiofsd.json",
#endif
        .input_fd = STDIN_FILENO,
    };

    return helper_main(&config, argc, argv);
}
