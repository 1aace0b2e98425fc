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
        .input_fd = STDIN_FILENO,
    };

    return helper_main(&config, argc, argv);
}
