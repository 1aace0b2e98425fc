/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/built-in.h"

int
main(int argc, char **argv)
{
    static const HelperConfig config = HELPER_CONFIG_BUILT_IN;

    return helper_main(&config, argc, argv);
}
