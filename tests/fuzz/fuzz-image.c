/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * The first bytes of a disk image, as every format that a domain may declare for them, and what the
 * names in them mean. A name that is taken for a file of this host is a path.
 */

#include <string.h>

#include "base/limits.h"
#include "fuzz/fuzz.h"
#include "image/image-name.h"
#include "image/image.h"

static void
check_name(const char *name)
{
    g_autofree char *path = NULL;

    switch (image_name_parse(name, "/srv/images/top.qcow2", &path)) {
    case IMAGE_NAME_FILE:
    case IMAGE_NAME_DEVICE:
    case IMAGE_NAME_DIRECTORY:
        FUZZ_REQUIRE(path, name);
        break;
    case IMAGE_NAME_INVALID:
    case IMAGE_NAME_REMOTE:
    case IMAGE_NAME_UNUSABLE:
        FUZZ_REQUIRE(!path, name);
        break;
    }
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    gsize len = MIN(size, (gsize)LIMIT_IMAGE_HEADER_BYTES);
    /* a copy that ends where its memory ends, so that one byte too many is seen */
    g_autofree guint8 *bytes = g_memdup2(data, len);

    for (ImageFormat format = IMAGE_FORMAT_NONE; format <= IMAGE_FORMAT_AUTO_SAFE; format++) {
        g_auto(ImageFacts) facts = {0};

        if (!image_probe(bytes, len, format, &facts))
            continue;
        if (facts.backing)
            check_name(facts.backing);
        if (facts.data_file)
            check_name(facts.data_file);
    }
    return 0;
}
