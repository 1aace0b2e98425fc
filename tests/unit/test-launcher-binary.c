/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/binary.h"

#include "basic/auto.h"
#include "launcher-fixture.h"

#define MAX_FILES 8

/*
 * Each row is a host: files below its root, "*" before the name of a program, and which program is
 * found there. "@" in a description stands for the root.
 */
typedef struct {
    const char *name;
    const char *text;
    mode_t mode;
} File;

#define FS(binary)  "{\"type\":\"fs\",\"binary\":\"@/" binary "\"}"
#define GPU(binary) "{\"type\":\"gpu\",\"binary\":\"@/" binary "\"}"
#define REAL                          \
    {                                 \
        "usr/virtiofsd", "real", 0755 \
    }
#define OTHER                          \
    {                                  \
        "opt/virtiofsd", "other", 0755 \
    }
#define SELF                                  \
    {                                         \
        "lib/virt-aa-virtiofsd", "self", 0755 \
    }

static const struct {
    const char *name;
    File files[MAX_FILES];
    const char *wanted; /* of the record */
    const char *found;  /* NULL: refused */
} rows[] = {
    {"the next description",
     {REAL,
      SELF,
      {"etc/40-a.json", FS("lib/virt-aa-virtiofsd"), 0644},
      {"share/50-b.json", FS("usr/virtiofsd"), 0644}},
     NULL,
     "usr/virtiofsd"},
    {"by name over directories",
     {REAL,
      OTHER,
      {"etc/60.json", FS("opt/virtiofsd"), 0644},
      {"share/50.json", FS("usr/virtiofsd"), 0644}},
     NULL,
     "usr/virtiofsd"},
    {"capitals first",
     {REAL,
      OTHER,
      {"etc/a.json", FS("opt/virtiofsd"), 0644},
      {"share/B.json", FS("usr/virtiofsd"), 0644}},
     NULL,
     "usr/virtiofsd"},
    {"of one name the stronger",
     {REAL,
      OTHER,
      {"etc/50.json", FS("opt/virtiofsd"), 0644},
      {"share/50.json", FS("usr/virtiofsd"), 0644}},
     NULL,
     "opt/virtiofsd"},
    {"an empty file masks",
     {REAL,
      OTHER,
      {"etc/50.json", "", 0644},
      {"share/50.json", FS("usr/virtiofsd"), 0644},
      {"share/60.json", FS("opt/virtiofsd"), 0644}},
     NULL,
     "opt/virtiofsd"},
    {"other types",
     {REAL,
      OTHER,
      {"etc/10.json", GPU("opt/virtiofsd"), 0644},
      {"etc/20.json", FS("usr/virtiofsd"), 0644}},
     NULL,
     "usr/virtiofsd"},
    {"no type",
     {REAL,
      OTHER,
      {"etc/10.json", "{\"binary\":\"@/opt/virtiofsd\"}", 0644},
      {"etc/20.json", FS("usr/virtiofsd"), 0644}},
     NULL,
     "usr/virtiofsd"},
    {"not installed",
     {REAL, {"etc/10.json", FS("opt/virtiofsd"), 0644}, {"etc/20.json", FS("usr/virtiofsd"), 0644}},
     NULL,
     "usr/virtiofsd"},
    {"hidden files do not count",
     {REAL, OTHER, {"etc/.10.json", FS("opt/virtiofsd"), 0644}},
     NULL,
     "usr/virtiofsd"},
    {"a directory is no description", {REAL, {"etc/10.json/x", "", 0644}}, NULL, "usr/virtiofsd"},
    {"no suffix asked for",
     {REAL, OTHER, {"etc/10.json.bak", FS("opt/virtiofsd"), 0644}},
     NULL,
     "opt/virtiofsd"},
    {"known places", {REAL}, NULL, "usr/virtiofsd"},
    {"none", {SELF}, NULL, NULL},
    {"a copy of the launcher",
     {REAL,
      {"opt/virt-aa-virtiofsd", "copy", 0755},
      {"etc/10.json", FS("opt/virt-aa-virtiofsd"), 0644}},
     NULL,
     "usr/virtiofsd"},
    {"relative",
     {REAL, {"etc/10.json", "{\"type\":\"fs\",\"binary\":\"virtiofsd\"}", 0644}},
     NULL,
     "usr/virtiofsd"},
    {"malformed", {REAL, {"etc/10.json", "{", 0644}}, NULL, NULL},
    {"wanted",
     {REAL, OTHER, {"etc/10.json", FS("usr/virtiofsd"), 0644}},
     "opt/virtiofsd",
     "opt/virtiofsd"},
    {"wanted is the launcher",
     {REAL, OTHER, SELF, {"etc/10.json", FS("opt/virtiofsd"), 0644}},
     "lib/virt-aa-virtiofsd",
     "opt/virtiofsd"},
    {"wanted is not there", {REAL}, "opt/virtiofsd", NULL},
    {"wanted is a directory", {REAL}, "usr", NULL},
    {"wanted is the group's to write", {REAL, {"opt/virtiofsd", "x", 0775}}, "opt/virtiofsd", NULL},
    {"everybody's to write",
     {REAL, {"opt/virtiofsd", "x", 0757}, {"etc/10.json", FS("opt/virtiofsd"), 0644}},
     NULL,
     NULL},
};

static bool
find(const char *wanted, bool privileged, uid_t owner, char **binary, Failure *failure)
{
    const char *vhost_user[] = {fixture_path("etc"), fixture_path("share"), NULL};
    const char *known[] = {fixture_path("nowhere/virtiofsd"), fixture_path("usr/virtiofsd"), NULL};
    LauncherPaths paths = {
        .name = "virt-aa-virtiofsd",
        .self = fixture_path("lib/self"),
        .vhost_user = vhost_user,
        .known = known,
        .owner = owner,
    };

    return binary_find(&paths, wanted ? fixture_path(wanted) : NULL, privileged, binary, failure);
}

static void
make_file(const File *file)
{
    char text[PATH_MAX + 256] = "";

    fixture_expand(text, sizeof(text), file->text);
    fixture_file(file->name, text, file->mode);
}

START_TEST(test_hosts)
{
    AUTO_FREE char *binary = NULL;
    Failure failure = {.text = ""};
    bool found;

    for (size_t i = 0; i < MAX_FILES && rows[_i].files[i].name; i++)
        make_file(&rows[_i].files[i]);
    found = find(rows[_i].wanted, true, getuid(), &binary, &failure);
    ck_assert_msg(found == (rows[_i].found != NULL), "%s: %s", rows[_i].name, failure.text);
    ck_assert_msg(found || failure.text[0], "%s", rows[_i].name);
    ck_assert_msg(!found || strcmp(binary, fixture_path(rows[_i].found)) == 0, "%s: %s",
                  rows[_i].name, binary);
}
END_TEST

/* The launcher's file under another name: a link, hard or symbolic, is still the launcher. */
START_TEST(test_self_by_another_name)
{
    AUTO_FREE char *binary = NULL;
    Failure failure;

    make_file(&(File){"etc/10.json", FS("opt/one"), 0644});
    make_file(&(File){"etc/20.json", FS("opt/two"), 0644});
    make_file(&(File)REAL);
    fixture_file("opt/", NULL, 0);
    fixture_file("lib/self", "self", 0755);
    ck_assert_int_eq(link(fixture_path("lib/self"), fixture_path("opt/one")), 0);
    ck_assert_int_eq(symlink(fixture_path("lib/self"), fixture_path("opt/two")), 0);
    ck_assert(find(NULL, true, getuid(), &binary, &failure));
    ck_assert_str_eq(binary, fixture_path("usr/virtiofsd"));
}
END_TEST

/* What is looked at and what is run is one file, not what a symbolic link points to next. */
START_TEST(test_links_are_resolved)
{
    AUTO_FREE char *binary = NULL;
    Failure failure;

    make_file(&(File)REAL);
    fixture_file("opt/", NULL, 0);
    ck_assert_int_eq(symlink("../usr/virtiofsd", fixture_path("opt/virtiofsd")), 0);
    ck_assert(find("opt/virtiofsd", true, getuid(), &binary, &failure));
    ck_assert_str_eq(binary, fixture_path("usr/virtiofsd"));
}
END_TEST

START_TEST(test_owner)
{
    AUTO_FREE char *binary = NULL;
    Failure failure = {.text = ""};

    make_file(&(File)REAL);
    ck_assert(!find(NULL, true, getuid() + 1, &binary, &failure));
    ck_assert_ptr_nonnull(failure.todo);
    ck_assert(find(NULL, false, getuid() + 1, &binary, &failure));
}
END_TEST

START_TEST(test_session)
{
    AUTO_FREE char *binary = NULL;
    AUTO_FREE char *root = NULL;
    Failure failure;

    make_file(&(File)REAL);
    make_file(&(File)OTHER);
    make_file(&(File){"config/qemu/vhost-user/50.json", FS("opt/virtiofsd"), 0644});
    make_file(&(File){"etc/50.json", FS("usr/virtiofsd"), 0644});
    setenv("XDG_CONFIG_HOME", fixture_path("config"), 1);
    ck_assert(find(NULL, false, getuid(), &binary, &failure));
    ck_assert_str_eq(binary, fixture_path("opt/virtiofsd"));
    /* a variable of somebody's does not choose what root runs */
    ck_assert(find(NULL, true, getuid(), &root, &failure));
    ck_assert_str_eq(root, fixture_path("usr/virtiofsd"));
    unsetenv("XDG_CONFIG_HOME");
}
END_TEST

START_TEST(test_home)
{
    AUTO_FREE char *binary = NULL;
    Failure failure;

    make_file(&(File)REAL);
    make_file(&(File)OTHER);
    make_file(&(File){".config/qemu/vhost-user/50.json", FS("opt/virtiofsd"), 0644});
    unsetenv("XDG_CONFIG_HOME");
    setenv("HOME", fixture_root, 1);
    ck_assert(find(NULL, false, getuid(), &binary, &failure));
    ck_assert_str_eq(binary, fixture_path("opt/virtiofsd"));
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("binary");

    tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
    tcase_add_loop_test(tc, test_hosts, 0, ROWS(rows));
    tcase_add_test(tc, test_self_by_another_name);
    tcase_add_test(tc, test_links_are_resolved);
    tcase_add_test(tc, test_owner);
    tcase_add_test(tc, test_session);
    tcase_add_test(tc, test_home);
    return fixture_run("launcher-binary", tc);
}
