/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * The real pipeline, domain XML → model → rules text, on a host that has no files. Whatever goes in,
 * what comes out is refused or is policy of which every line is a rule or a comment of ours, and one
 * grant is one line: a name that could end its line or its quotes would be a hole in the profile.
 */

#include <stdlib.h>
#include <string.h>

#include "domain/domain.h"
#include "fuzz/fuzz.h"
#include "model/model.h"
#include "rules/rules.h"

static Host *
empty_host(void)
{
    static Host *host;

    if (!host) {
        g_autofree char *root = g_dir_make_tmp("fuzz-host-XXXXXX", NULL);

        FUZZ_REQUIRE(root, "a directory");
        host = host_new(root, NULL);
        FUZZ_REQUIRE(host, root);
        rmdir(root); /* open, and empty for good */
    }
    return host;
}

#define CAPABILITY "capability "
#define UNIX_PEER  "unix (send, receive) type=stream peer=(label=libvirt-"

/* [deny ]"PATH" PERMS, with nothing in PATH that could end it early or be read as something else. */
static void
check_rule(const char *line)
{
    const char *p = line;

    if (g_str_has_prefix(p, "deny "))
        p += strlen("deny ");
    FUZZ_REQUIRE(*p == '"', line);
    for (p++; *p && *p != '"'; p++) {
        FUZZ_REQUIRE((guchar)*p >= 0x20 && *p != 0x7f, line);
        if (*p != '\\')
            continue;
        for (int digit = 1; digit <= 3; digit++)
            FUZZ_REQUIRE(p[digit] >= '0' && p[digit] <= '7', line);
        p += 3;
    }
    FUZZ_REQUIRE(p[0] == '"' && p[1] == ' ', line);
    p += 2;
    FUZZ_REQUIRE(strspn(p, "rwmlka") > 0, line);
    p += strspn(p, "rwmlka");
    FUZZ_REQUIRE(strcmp(p, ",") == 0, line);
}

static void
check_line(const char *line)
{
    FUZZ_REQUIRE(g_str_has_prefix(line, "  "), line);
    line += 2;
    if (g_str_has_prefix(line, UNIX_PEER))
        FUZZ_REQUIRE(strspn(line + strlen(UNIX_PEER), "0123456789abcdef-virtofsd") ==
                         strlen(line + strlen(UNIX_PEER)) - strlen("),"),
                     line);
    else if (g_str_has_prefix(line, CAPABILITY))
        FUZZ_REQUIRE(strspn(line + strlen(CAPABILITY), "abcdefghijklmnopqrstuvwxyz_") ==
                         strlen(line + strlen(CAPABILITY)) - strlen(","),
                     line);
    else if (!g_str_has_prefix(line, "# "))
        check_rule(line);
}

/* Each grant alone, so that nothing in one can hide as a line of its own. */
static void
check_grants(GPtrArray *grants)
{
    for (guint i = 0; i < grants->len; i++) {
        g_autoptr(GPtrArray) one = g_ptr_array_new();
        g_autoptr(GString) out = g_string_new(NULL);

        g_ptr_array_add(one, g_ptr_array_index(grants, i));
        if (!rules_render(one, out, NULL))
            continue;
        FUZZ_REQUIRE(out->len > 0 && strchr(out->str, '\n') == out->str + out->len - 1, out->str);
        g_string_truncate(out, out->len - 1);
        check_line(out->str);
    }
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autoptr(Domain) domain = NULL;
    g_autoptr(Settings) settings = NULL;
    g_autoptr(Model) model = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    domain = domain_parse((const char *)data, size, &error);
    FUZZ_REQUIRE((domain != NULL) == (error == NULL), "domain_parse");
    if (!domain)
        return 0;
    settings = settings_new();
    model = model_build(domain, empty_host(), settings, NULL, &error);
    FUZZ_REQUIRE((model != NULL) == (error == NULL), "model_build");
    if (!model)
        return 0;
    check_grants(model->base);
    check_grants(model->grants);
    check_grants(model->virtiofsd_base);
    check_grants(model->virtiofsd_writer);
    check_grants(model->qemu_peer);
    if (rules_render(model->base, out, NULL) && rules_render(model->grants, out, NULL)) {
        g_auto(GStrv) lines = g_strsplit(out->str, "\n", -1);

        for (char **line = lines; *line && line[1]; line++)
            check_line(*line);
    }
    return 0;
}
