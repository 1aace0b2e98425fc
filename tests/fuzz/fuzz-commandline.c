/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * QEMU's command line, a word a line, through the model on a host that has no files. Whatever is in it, no
 * grant opens what is restricted, as whoever may write <qemu:arg> could otherwise open all of the host. And
 * keys and values that are written down as QEMU takes them come back the same.
 */

#include <stdlib.h>
#include <string.h>

#include "domain/domain.h"
#include "fuzz/fuzz.h"
#include "model/model.h"
#include "model/paths.h"
#include "qemu/chardev.h"
#include "qemu/pairs.h"
#include "qemu/readconfig.h"

#define XML                                                                              \
    "<domain type='kvm'><name>a</name><uuid>01234567-89ab-cdef-0123-456789abcdef</uuid>" \
    "<os><type>hvm</type></os></domain>"

static char *root;

static void
remove_root(void)
{
    rmdir(root);
}

/* It has to stay until the end: what is removed has no name, and "/.." would resolve to none. */
static Host *
empty_host(void)
{
    static Host *host;

    if (!host) {
        root = g_dir_make_tmp("fuzz-host-XXXXXX", NULL);
        FUZZ_REQUIRE(root, "a directory");
        atexit(remove_root);
        host = host_new(root, NULL);
        FUZZ_REQUIRE(host, root);
    }
    return host;
}

/* Writes @pairs as QEMU reads them; NULL where a key could not be written so. */
static char *
spell(GPtrArray *pairs)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (guint i = 0; i < pairs->len; i++) {
        const QemuPair *pair = g_ptr_array_index(pairs, i);
        g_auto(GStrv) parts = g_strsplit(pair->value, ",", -1);
        g_autofree char *value = g_strjoinv(",,", parts);

        if (strpbrk(pair->key, "=,") || *pair->key == '{')
            return NULL;
        g_string_append_printf(out, "%s=%s,", pair->key, value);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void
check_pairs(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) pairs = qemu_pairs_parse(text, NULL, &error);
    g_autoptr(GPtrArray) again = NULL;
    g_autofree char *spelt = NULL;

    FUZZ_REQUIRE((pairs != NULL) == (error == NULL), text);
    spelt = pairs ? spell(pairs) : NULL;
    again = spelt ? qemu_pairs_parse(spelt, NULL, NULL) : NULL;
    if (!spelt)
        return;
    FUZZ_REQUIRE(again && again->len == pairs->len, spelt);
    for (guint i = 0; i < pairs->len; i++) {
        const QemuPair *a = g_ptr_array_index(pairs, i);
        const QemuPair *b = g_ptr_array_index(again, i);

        FUZZ_REQUIRE(g_str_equal(a->key, b->key) && g_str_equal(a->value, b->value), spelt);
    }
}

static void
check_config(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) sections = qemu_readconfig_parse(text, &error);

    FUZZ_REQUIRE((sections != NULL) == (error == NULL), text);
}

static void
check_grants(GPtrArray *grants)
{
    for (guint i = 0; i < grants->len; i++) {
        const Grant *grant = g_ptr_array_index(grants, i);

        if (grant->kind != GRANT_ALLOW || *grant->before)
            continue;
        FUZZ_REQUIRE(*grant->literal == '/', grant->literal);
        FUZZ_REQUIRE(!path_is_restricted(grant->literal, (grant->perms & PERM_W) != 0),
                     grant->literal);
    }
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) words = g_strsplit(text, "\n", -1);
    g_autoptr(Domain) domain = domain_parse(XML, strlen(XML), NULL);
    g_autoptr(Settings) settings = settings_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(Model) model = NULL;

    FUZZ_REQUIRE(domain, "the domain");
    check_config(text);
    for (char **word = words; *word; word++) {
        DomainSetting *setting = g_new0(DomainSetting, 1);

        check_pairs(*word);
        setting->value = g_strdup(*word);
        g_ptr_array_add(domain->qemu_arguments, setting);
    }
    model = model_build(domain, empty_host(), settings, NULL, &error);
    FUZZ_REQUIRE((model != NULL) == (error == NULL), "model_build");
    if (model)
        check_grants(model->grants);
    return 0;
}
