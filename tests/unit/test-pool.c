/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/pool.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    const char *xml;
    int kind; /* -1: refused */
    const char *target, *adapter, *device;
} cases[] = {
    {"dir", "<poolstate><pool type='dir'><target><path>/p</path></target></pool></poolstate>",
     POOL_FILES, "/p", NULL, NULL},
    {"with a comment", "<!-- x -->\n<poolstate>\n<pool type='logical'/>\n</poolstate>\n",
     POOL_FILES, NULL, NULL, NULL},
    {"target that is not absolute",
     "<poolstate><pool type='fs'><target><path>p</path></target></pool></poolstate>", POOL_FILES,
     NULL, NULL, NULL},
    {"disk", "<poolstate><pool type='disk'/></poolstate>", POOL_DEVICES, NULL, NULL, NULL},
    {"scsi",
     "<poolstate><pool type='scsi'><source><adapter type='scsi_host' "
     "name='scsi_host2'/></source></pool></poolstate>",
     POOL_LUNS, NULL, "scsi_host2", NULL},
    {"iscsi",
     "<poolstate><pool type='iscsi'><source><host name='h'/><device "
     "path='iqn:t'/></source></pool></poolstate>",
     POOL_LUNS, NULL, NULL, "iqn:t"},
    {"iscsi-direct is QEMU's own", "<poolstate><pool type='iscsi-direct'/></poolstate>",
     POOL_NETWORK, NULL, NULL, NULL},
    {"not known", "<poolstate><pool type='tape'/></poolstate>", POOL_OTHER, NULL, NULL, NULL},
    {"no type", "<poolstate><pool/></poolstate>", -1, NULL, NULL, NULL},
    {"no pool", "<poolstate/>", -1, NULL, NULL, NULL},
    {"no state", "<pool type='dir'/>", -1, NULL, NULL, NULL},
    {"no XML", "pool", -1, NULL, NULL, NULL},
    {"empty", "", -1, NULL, NULL, NULL},
    {"entities", "<!DOCTYPE p [<!ENTITY e '/p'>]><poolstate><pool type='dir'/></poolstate>", -1,
     NULL, NULL, NULL},
};

START_TEST(test_parse)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Pool) pool = pool_parse(cases[_i].xml, strlen(cases[_i].xml), &error);

    ck_assert_msg((pool != NULL) == (cases[_i].kind >= 0), "%s", cases[_i].name);
    ck_assert_msg((pool == NULL) == (error != NULL), "%s", cases[_i].name);
    if (!pool)
        return;
    ck_assert_msg((int)pool->kind == cases[_i].kind, "%s: %u", cases[_i].name, pool->kind);
    ck_assert_msg(g_strcmp0(pool->target, cases[_i].target) == 0, "%s", cases[_i].name);
    ck_assert_msg(g_strcmp0(pool->adapter, cases[_i].adapter) == 0, "%s", cases[_i].name);
    ck_assert_msg(g_strcmp0(pool->device, cases[_i].device) == 0, "%s", cases[_i].name);
}
END_TEST

START_TEST(test_names)
{
    static const struct {
        const char *name;
        gboolean plain;
    } rows[] = {
        {"a", TRUE},   {"..a", TRUE}, {"a b{*}", TRUE}, {"unit:0:0:1", TRUE},
        {"", FALSE},   {".", FALSE},  {"..", FALSE},    {"a/b", FALSE},
        {"/a", FALSE}, {"a/", FALSE}, {"../a", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        ck_assert_msg(pool_name_is_plain(rows[i].name) == rows[i].plain, "'%s'", rows[i].name);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("pool");
    TCase *tc = tcase_create("pool");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_parse, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tc, test_names);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
