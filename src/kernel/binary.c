/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/binary.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "kernel/dfa-stream.h"

/* A profile's child is compiled as "PARENT//NAME", and so is a hat. */
#define CHILD "//"

/* Names of profiles; they lie in the binary. */
typedef GPtrArray Names;

/* A profile, after its struct was opened: its name, and then to its end. */
static gboolean
take_profile(Stream *s, Names *names, GError **error)
{
    Item name;

    if (!stream_next(s, &name, error))
        return FALSE;
    if (name.code != CODE_STRING)
        return stream_bad(error, "a profile without a name");
    if (g_ptr_array_find_with_equal_func(names, name.data, g_str_equal, NULL))
        return base_set_error(error, BASE_ERROR_FAILED, "compiled policy: %s: %s",
                              "the same profile twice", (const char *)name.data);
    g_ptr_array_add(names, (gpointer)name.data);
    return stream_skip(s, error);
}

/* security/apparmor/policy_unpack.c, aa_unpack(): before each profile its version, and perhaps a name space. */
static gboolean
take_all(Stream *s, Names *names, GError **error)
{
    while (s->at < s->end) {
        Item item;

        if (!stream_next(s, &item, error))
            return FALSE;
        if (item.code == CODE_STRUCT && g_str_equal(item.name, "profile")) {
            if (!take_profile(s, names, error))
                return FALSE;
        } else if ((item.code != CODE_U32 && item.code != CODE_STRING) || s->at == s->end) {
            return stream_bad(error, "something that is no profile");
        }
    }
    return TRUE;
}

/* Whether @compiled is what became of @wanted, by itself or as a child. */
static gboolean
is_made_of(const char *compiled, const char *wanted)
{
    const char *last = g_strrstr(compiled, CHILD);

    return g_str_equal(compiled, wanted) || (last && g_str_equal(last + strlen(CHILD), wanted));
}

/* Whether @compiled is @wanted or below it. */
static gboolean
is_within(const char *compiled, const char *wanted)
{
    const size_t len = strlen(wanted);

    return g_str_has_prefix(compiled, wanted) &&
           (compiled[len] == '\0' || g_str_has_prefix(compiled + len, CHILD));
}

static gboolean
has_all(const Names *names, char **wanted, GError **error)
{
    for (; *wanted; wanted++) {
        gboolean found = FALSE;

        for (guint i = 0; i < names->len && !found; i++)
            found = is_made_of(g_ptr_array_index(names, i), *wanted);
        if (!found)
            return base_set_error(
                error, BASE_ERROR_FAILED,
                _("apparmor_parser succeeded, but what it wrote does not have the profile %s"),
                *wanted);
    }
    return TRUE;
}

static gboolean
has_no_other(const Names *names, char **wanted, GError **error)
{
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        gboolean found = FALSE;

        for (char **at = wanted; *at && !found; at++)
            found = is_within(name, *at);
        if (!found)
            return base_set_error(
                error, BASE_ERROR_FAILED,
                _("apparmor_parser succeeded, but what it wrote has the profile %s, which nobody "
                  "asked for"),
                name);
    }
    return TRUE;
}

gboolean
binary_check(GBytes *binary, char **wanted, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    gsize len;
    const guint8 *bytes = g_bytes_get_data(binary, &len);
    Stream s = {.start = bytes, .at = bytes, .end = bytes + len};

    if (!take_all(&s, names, error)) {
        g_prefix_error(error,
                       "%s: ", _("apparmor_parser succeeded, but what it wrote is not whole"));
        return FALSE;
    }
    return !wanted || (has_all(names, wanted, error) && has_no_other(names, wanted, error));
}
