/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "grant/grant.h"

#include <check.h>
#include <stdlib.h>

#define RW   (PERM_R | PERM_W)
#define RWK  (PERM_R | PERM_W | PERM_K)
#define RWLK (PERM_R | PERM_W | PERM_L | PERM_K)

/* A grant as a value of the table; text is of the kinds that have no path. */
typedef struct {
    GrantKind kind;
    const char *before, *literal, *after;
    Perms perms;
    const char *text;
} Row;

static Grant *
add(GPtrArray *to, const Row *row)
{
    switch (row->kind) {
    case GRANT_ALLOW:
        return grant_pattern(to, row->before, row->literal, row->after, row->perms);
    case GRANT_DENY_WRITE:
        return grant_deny_write(to, row->before, row->literal, row->after);
    case GRANT_NOTE:
        return grant_note(to, row->text);
    case GRANT_UNIX_PEER:
        return grant_unix_peer(to, row->text);
    case GRANT_CAPABILITY:
        return grant_capability(to, row->text);
    }
    g_assert_not_reached();
}

#define FILE_ROW(before, literal, after, perms)            \
    {                                                      \
        GRANT_ALLOW, (before), (literal), (after), (perms) \
    }
#define DENY_ROW(literal)                              \
    {                                                  \
        GRANT_DENY_WRITE, "", (literal), "", 0 /* w */ \
    }
#define TEXT_ROW(kind, text)          \
    {                                 \
        (kind), "", "", "", 0, (text) \
    }

static const struct {
    const char *name;
    Row a, b;
    gboolean equal;
    gboolean covers; /* a covers b */
} pairs[] = {
    {"the same file", FILE_ROW("", "/f", "", RWK), FILE_ROW("", "/f", "", RWK), TRUE, TRUE},
    {"more permissions", FILE_ROW("", "/f", "", RWK), FILE_ROW("", "/f", "", PERM_R), FALSE, TRUE},
    {"fewer permissions", FILE_ROW("", "/f", "", PERM_R), FILE_ROW("", "/f", "", RWK), FALSE,
     FALSE},
    {"other permissions", FILE_ROW("", "/f", "", RW), FILE_ROW("", "/f", "", PERM_R | PERM_K),
     FALSE, FALSE},
    {"another file", FILE_ROW("", "/f", "", RWK), FILE_ROW("", "/g", "", RWK), FALSE, FALSE},
    {"a longer name", FILE_ROW("", "/f", "", RWK), FILE_ROW("", "/ff", "", RWK), FALSE, FALSE},
    {"the same pattern", FILE_ROW("/a/*/", "x", ".log", RW), FILE_ROW("/a/*/", "x", ".log", PERM_W),
     FALSE, TRUE},
    {"another pattern in front", FILE_ROW("/a/*/", "x", "", RW), FILE_ROW("/b/*/", "x", "", RW),
     FALSE, FALSE},
    {"literal and pattern of one text", FILE_ROW("/f", "", "", RW), FILE_ROW("", "/f", "", RW),
     FALSE, FALSE},

    {"{,**}: a file", FILE_ROW("", "/d", "/{,**}", RW), FILE_ROW("", "/d/f", "", RW), FALSE, TRUE},
    {"{,**}: deep", FILE_ROW("", "/d", "/{,**}", RW), FILE_ROW("", "/d/a/b", "", RW), FALSE, TRUE},
    {"{,**}: the directory", FILE_ROW("", "/d", "/{,**}", RW), FILE_ROW("", "/d/", "", RW), FALSE,
     TRUE},
    {"{,**}: without its slash", FILE_ROW("", "/d", "/{,**}", RW), FILE_ROW("", "/d", "", RW),
     FALSE, FALSE},
    {"{,**}: a sibling", FILE_ROW("", "/d", "/{,**}", RW), FILE_ROW("", "/dx/f", "", RW), FALSE,
     FALSE},
    {"{,**}: above", FILE_ROW("", "/d/e", "/{,**}", RW), FILE_ROW("", "/d/f", "", RW), FALSE,
     FALSE},
    {"{,**}: lock", FILE_ROW("", "/d", "/{,**}", RW), FILE_ROW("", "/d/f", "", RWK), FALSE, FALSE},

    {"**: a file", FILE_ROW("", "/d", "/**", RWLK), FILE_ROW("", "/d/f", "", RWK), FALSE, TRUE},
    {"**: deep", FILE_ROW("", "/d", "/**", RWLK), FILE_ROW("", "/d/a/b", "", PERM_R), FALSE, TRUE},
    {"**: a directory below", FILE_ROW("", "/d", "/**", RWLK), FILE_ROW("", "/d/a/", "", PERM_R),
     FALSE, TRUE},
    {"**: the directory", FILE_ROW("", "/d", "/**", RWLK), FILE_ROW("", "/d/", "", PERM_R), FALSE,
     FALSE},
    {"**: all of the host", FILE_ROW("", "", "/**", RWLK), FILE_ROW("", "/f", "", PERM_R), FALSE,
     TRUE},
    {"**: two slashes", FILE_ROW("", "/d", "/**", RWLK), FILE_ROW("", "/d//f", "", PERM_R), FALSE,
     FALSE},
    {"**: a directory that ends in a slash", FILE_ROW("", "/d/", "/**", RWLK),
     FILE_ROW("", "/d//f", "", PERM_R), FALSE, FALSE},
    {"**: a name with a star", FILE_ROW("", "/d", "/**", RWLK), FILE_ROW("", "/d/*", "", PERM_R),
     FALSE, TRUE},

    {"*: a file", FILE_ROW("", "/d", "/*", RW), FILE_ROW("", "/d/f", "", RW), FALSE, TRUE},
    {"*: deep", FILE_ROW("", "/d", "/*", RW), FILE_ROW("", "/d/a/b", "", RW), FALSE, FALSE},
    {"*: a directory below", FILE_ROW("", "/d", "/*", RW), FILE_ROW("", "/d/a/", "", RW), FALSE,
     FALSE},
    {"*: the directory", FILE_ROW("", "/d", "/*", RW), FILE_ROW("", "/d/", "", RW), FALSE, FALSE},

    {"a tree in a tree", FILE_ROW("", "/d", "/{,**}", RW), FILE_ROW("", "/d/e", "/**", RW), FALSE,
     FALSE},
    {"a pattern in front of the tree", FILE_ROW("/{a,b}", "/d", "/**", RW),
     FILE_ROW("", "/d/f", "", RW), FALSE, FALSE},
    {"a pattern in front of the file", FILE_ROW("", "/d", "/**", RW), FILE_ROW("/d/", "f", "", RW),
     FALSE, FALSE},
    {"another tail", FILE_ROW("", "/d", "/*.log", RW), FILE_ROW("", "/d/a.log", "", RW), FALSE,
     FALSE},
    {"a literal that looks like a tree", FILE_ROW("", "/d/**", "", RW),
     FILE_ROW("", "/d/f", "", RW), FALSE, FALSE},

    {"the same deny", DENY_ROW("/f"), DENY_ROW("/f"), TRUE, TRUE},
    {"allow, deny", FILE_ROW("", "/f", "", RWK), DENY_ROW("/f"), FALSE, FALSE},
    {"deny, allow", DENY_ROW("/f"), FILE_ROW("", "/f", "", PERM_W), FALSE, FALSE},
    {"a tree, a deny in it", FILE_ROW("", "/d", "/**", RW), DENY_ROW("/d/f"), FALSE, FALSE},
    {"the same peer", TEXT_ROW(GRANT_UNIX_PEER, "l"), TEXT_ROW(GRANT_UNIX_PEER, "l"), TRUE, TRUE},
    {"another peer", TEXT_ROW(GRANT_UNIX_PEER, "l"), TEXT_ROW(GRANT_UNIX_PEER, "m"), FALSE, FALSE},
    {"a capability, a peer", TEXT_ROW(GRANT_CAPABILITY, "chown"),
     TEXT_ROW(GRANT_UNIX_PEER, "chown"), FALSE, FALSE},
    {"the same capability", TEXT_ROW(GRANT_CAPABILITY, "chown"),
     TEXT_ROW(GRANT_CAPABILITY, "chown"), TRUE, TRUE},
    {"a file, a capability", FILE_ROW("", "", "/**", RWLK), TEXT_ROW(GRANT_CAPABILITY, "chown"),
     FALSE, FALSE},
};

START_TEST(test_pairs)
{
    g_autoptr(GPtrArray) to = grants_new();
    Grant *a = add(to, &pairs[_i].a);
    Grant *b = add(to, &pairs[_i].b);

    grant_set_origin(b, (Origin){"<elsewhere>", 9});
    ck_assert_msg(grant_equal(a, b) == pairs[_i].equal, "%s: equal", pairs[_i].name);
    ck_assert_msg(grant_equal(b, a) == pairs[_i].equal, "%s: equal, turned round", pairs[_i].name);
    ck_assert_msg(grant_covers(a, b) == pairs[_i].covers, "%s: covers", pairs[_i].name);
    ck_assert_msg(grant_covers(a, a) && grant_covers(b, b), "%s: itself", pairs[_i].name);
}
END_TEST

START_TEST(test_copy)
{
    g_autoptr(GPtrArray) to = grants_new();
    Grant *grant = add(to, &pairs[_i].a);
    g_autoptr(Grant) copy = NULL;

    grant_set_origin(grant, (Origin){"disk 'vda'", 7});
    copy = grant_copy(grant);
    ck_assert_msg(grant_equal(grant, copy), "%s", pairs[_i].name);
    ck_assert_str_eq(copy->element, "disk 'vda'");
    ck_assert_uint_eq(copy->line, 7);
    /* nothing is shared with the first, which goes now */
    g_ptr_array_set_size(to, 0);
    ck_assert_msg(grant_equal(copy, add(to, &pairs[_i].a)), "%s: after the first is gone",
                  pairs[_i].name);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("grant");
    TCase *tc = tcase_create("grant");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_pairs, 0, G_N_ELEMENTS(pairs));
    tcase_add_loop_test(tc, test_copy, 0, G_N_ELEMENTS(pairs));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
