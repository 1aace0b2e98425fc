/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * Lines of logs that virt-aa-ctl reads: whatever a guest gets into them, what is read of a record is whole,
 * and a record has one profile, which the line names between quotation marks or in hexadecimal digits.
 */

#include <string.h>

#include "ctl/avc.h"
#include "ctl/cause.h"
#include "ctl/whose.h"
#include "fuzz/fuzz.h"

/* Of a line that is no record after all, libapparmor's parser forgets the memory of what it has read by then;
 * this program reads as many as a log has, and ends. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
    return "leak:libapparmor";
}

static void
check_record(const char *line)
{
    g_autoptr(Avc) avc = avc_read(line, 1);
    g_autofree char *uuid = NULL;

    if (!avc)
        return;
    FUZZ_REQUIRE(avc->profile && avc->operation, line);
    FUZZ_REQUIRE(strstr(line, "DENIED") || strstr(line, "ALLOWED"), line);
    FUZZ_REQUIRE(avc->complain || strstr(line, "DENIED"), line);
    switch (whose_profile(avc->profile, &uuid)) {
    case ROLE_QEMU:
    case ROLE_QEMU_CHILD:
    case ROLE_VIRTIOFSD:
        FUZZ_REQUIRE(uuid && strlen(uuid) == 36, avc->profile);
        break;
    case ROLE_NONE:
    case ROLE_LAUNCHER:
    case ROLE_HELPER:
    case ROLE_LIBVIRTD:
        FUZZ_REQUIRE(!uuid, avc->profile);
        break;
    }
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    /* a copy that ends where its memory ends; a NUL ends it before */
    g_autofree char *line = g_strndup((const char *)data, size);

    check_record(line);
    if (size < 512)
        cause_of(line);
    return 0;
}
