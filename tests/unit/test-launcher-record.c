/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/find-record.h"

#include <sys/file.h>
#include <sys/wait.h>

#include "basic/auto.h"
#include "launcher-fixture.h"

#define LEAST \
    "virt-aa-virtiofs 1\nprofile=libvirt-01234567-89ab-cdef-0123-456789abcdef\ndomain=vm\n"
#define SOCKET "/var/lib/libvirt/qemu/domain-1-vm/fs0-fs.sock"
#define NAME   "%2Fvar%2Flib%2Flibvirt%2Fqemu%2Fdomain-1-vm%2Ffs0-fs.sock"

static LauncherPaths
paths_of(uid_t owner)
{
    return (LauncherPaths){
        .records = fixture_path("run"), .proc = fixture_path("proc"), .owner = owner};
}

static RecordStatus
look_as(const char *socket, pid_t listener)
{
    AUTO_RECORD Record record = {0};
    Failure failure = {.text = ""};
    LauncherPaths paths = paths_of(getuid());
    AUTO_FD int held = -1;
    RecordStatus status = record_read(&paths, socket, listener, &record, &held, &failure);

    ck_assert_int_eq(status == RECORD_BAD, failure.text[0] != '\0' && failure.todo);
    return status;
}

static RecordStatus
look(const char *socket)
{
    return look_as(socket, 0);
}

START_TEST(test_good_file)
{
    fixture_file("run/sockets/" NAME, LEAST, 0600);
    ck_assert_int_eq(look(SOCKET), RECORD_FOUND);
    ck_assert_int_eq(look("/var/lib/libvirt/qemu/domain-1-vm/fs1-fs.sock"), RECORD_NONE);
}
END_TEST

/* "No record" means that a VM runs without a profile: only what is surely not there may say it. */
START_TEST(test_no_directory)
{
    ck_assert_int_eq(look(SOCKET), RECORD_NONE);
    fixture_file("run/", NULL, 0);
    ck_assert_int_eq(look(SOCKET), RECORD_NONE);
    fixture_file("run/sockets/", NULL, 0);
    ck_assert_int_eq(look(SOCKET), RECORD_NONE);
}
END_TEST

START_TEST(test_bad_files)
{
    static const mode_t modes[] = {0644, 0640, 0660, 0602, 0700, 04600, 0400};
    const char *path = fixture_file("run/sockets/" NAME, LEAST, 0600);
    const char *other = fixture_path("other");

    for (size_t i = 0; i < ROWS(modes); i++) {
        ck_assert_int_eq(chmod(path, modes[i]), 0);
        ck_assert_msg(look(SOCKET) == RECORD_BAD, "mode %o", modes[i]);
    }
    ck_assert_int_eq(chmod(path, 0600), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_FOUND);
    /* another name of it, which somebody may still write through */
    ck_assert_int_eq(link(path, other), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink(other, path), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("/nonexistent", path), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkdir(path, 0600), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
}
END_TEST

START_TEST(test_bad_directories)
{
    const char *run = fixture_path("run");
    const char *sockets = fixture_path("run/sockets");

    fixture_file("run/sockets/" NAME, LEAST, 0600);
    ck_assert_int_eq(chmod(sockets, 0777), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    ck_assert_int_eq(chmod(sockets, 0700), 0);
    ck_assert_int_eq(chmod(run, 0720), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    ck_assert_int_eq(chmod(run, 0700), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_FOUND);
    ck_assert_int_eq(rename(sockets, fixture_path("elsewhere")), 0);
    ck_assert_int_eq(symlink("../elsewhere", sockets), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
}
END_TEST

START_TEST(test_other_owner)
{
    AUTO_RECORD Record record = {0};
    Failure failure;
    LauncherPaths paths = paths_of(getuid() + 1);
    AUTO_FD int held = -1;

    fixture_file("run/sockets/" NAME, LEAST, 0600);
    ck_assert_int_eq(record_read(&paths, SOCKET, 0, &record, &held, &failure), RECORD_BAD);
}
END_TEST

/* /proc/42/stat of a process whose name is made to look like the end of one. */
#define STAT(start) "42 (a) b) (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 " start " 20 21\n"

static const struct {
    const char *name;
    const char *announcer;
    const char *stat; /* NULL: there is none */
    RecordStatus status;
    pid_t listener;
} announcers[] = {
    {"it runs", "42 777", STAT("777"), RECORD_FOUND},
    {"it has ended", "42 777", NULL, RECORD_NONE},
    {"another one has its number", "42 777", STAT("778"), RECORD_NONE},
    {"another one has its number, and made this socket", "42 777", STAT("778"), RECORD_BAD, 42},
    {"another one has its number, and a third made it", "42 777", STAT("778"), RECORD_NONE, 43},
    /* of which nobody knows */
    {"no such text", "42 777", "42 (a) S 1\n", RECORD_FOUND},
    {"no text", "42 777", "", RECORD_FOUND},
    /* a virtiofsd must not run without a profile because its libvirtd has ended just now */
    {"it has ended, and made this socket", "42 777", NULL, RECORD_FOUND, 42},
    {"it has ended, and another one made it", "42 777", NULL, RECORD_NONE, 43},
    {"it runs, and another one made it", "42 777", STAT("777"), RECORD_FOUND, 43},
    {"a number too many", "42 777 1", STAT("777"), RECORD_BAD},
    {"no moment", "42", STAT("777"), RECORD_BAD},
    {"a sign", "42 -777", STAT("777"), RECORD_BAD},
    {"a path", "../42 777", STAT("777"), RECORD_BAD},
    {"zero", "42 0", STAT("0"), RECORD_BAD},
    {"too many digits", "42 77700000000000000000", STAT("777"), RECORD_BAD},
};

START_TEST(test_announcer)
{
    char text[256];

    snprintf(text, sizeof(text), LEAST "announcer=%s\n", announcers[_i].announcer);
    fixture_file("run/sockets/" NAME, text, 0600);
    if (announcers[_i].stat)
        fixture_file("proc/42/stat", announcers[_i].stat, 0644);
    fixture_file("proc/1/stat", "", 0644);
    ck_assert_msg(look_as(SOCKET, announcers[_i].listener) == announcers[_i].status, "%s",
                  announcers[_i].name);
}
END_TEST

/* With hidepid= of proc(5) a process that runs is not there, and a virtiofsd must not run without a profile for that. */
START_TEST(test_hidden_announcer)
{
    fixture_file("run/sockets/" NAME, LEAST "announcer=42 777\n", 0600);
    fixture_file("proc/", NULL, 0);
    ck_assert_int_eq(look_as(SOCKET, 0), RECORD_FOUND);
    fixture_file("proc/1/stat", "", 0644);
    ck_assert_int_eq(look_as(SOCKET, 0), RECORD_NONE);
}
END_TEST

/* As long as it is held, nobody else has it for himself; and who has it makes the launcher wait. */
START_TEST(test_lock)
{
    AUTO_RECORD Record record = {0};
    Failure failure;
    LauncherPaths paths = paths_of(getuid());
    const char *path = fixture_file("run/sockets/" NAME, LEAST, 0600);
    AUTO_FD int other = open(path, O_RDONLY | O_CLOEXEC);
    int held = -1;
    pid_t child;

    ck_assert_int_eq(record_read(&paths, SOCKET, 0, &record, &held, &failure), RECORD_FOUND);
    ck_assert_int_lt(flock(other, LOCK_EX | LOCK_NB), 0);
    auto_close(&held);
    ck_assert_int_eq(flock(other, LOCK_EX | LOCK_NB), 0);
    child = fork();
    if (child == 0) {
        usleep(200000);
        flock(other, LOCK_UN);
        _exit(0);
    }
    ck_assert_int_eq(look(SOCKET), RECORD_FOUND);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

/* What was waited for may have been removed meanwhile, or be another VM's. */
START_TEST(test_lock_of_what_was_moved)
{
    const char *path = fixture_file("run/sockets/" NAME, LEAST, 0600);
    const char *aside = fixture_path("run/sockets/" NAME "@libvirt-x.tmp");
    const char *others = fixture_path("others");

    for (int way = 0; way < 3; way++) {
        AUTO_FD int other = -1;
        pid_t child;

        fixture_file("run/sockets/" NAME, LEAST, 0600);
        fixture_file("others", LEAST, 0600);
        other = open(path, O_RDONLY | O_CLOEXEC);
        ck_assert_int_eq(flock(other, LOCK_EX | LOCK_NB), 0);
        child = fork();
        if (child == 0) {
            usleep(100000);
            if (way == 0)
                unlink(path);
            else
                rename(path, aside);
            if (way == 2)
                rename(others, path);
            flock(other, LOCK_UN);
            _exit(0);
        }
        ck_assert_msg(look(SOCKET) == RECORD_BAD, "%d", way);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
    }
}
END_TEST

START_TEST(test_size)
{
    const char *path = fixture_file("run/sockets/" NAME, LEAST, 0600);
    char *text = malloc(RECORD_MAX_BYTES + 2);

    ck_assert_ptr_nonnull(text);
    memset(text, 'x', RECORD_MAX_BYTES + 1);
    text[RECORD_MAX_BYTES + 1] = '\0';
    memcpy(text, LEAST "x-a=", strlen(LEAST "x-a="));
    text[RECORD_MAX_BYTES] = '\n';
    fixture_file("run/sockets/" NAME, text, 0600);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    text[RECORD_MAX_BYTES - 1] = '\n';
    text[RECORD_MAX_BYTES] = '\0';
    fixture_file("run/sockets/" NAME, text, 0600);
    ck_assert_int_eq(look(SOCKET), RECORD_FOUND);
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_assert_int_eq(look(SOCKET), RECORD_BAD);
    free(text);
}
END_TEST

START_TEST(test_long_socket)
{
    char socket[120];

    memset(socket, '/', sizeof(socket));
    socket[sizeof(socket) - 1] = '\0';
    ck_assert_int_eq(look(socket), RECORD_BAD);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("record");

    tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
    tcase_add_test(tc, test_good_file);
    tcase_add_test(tc, test_no_directory);
    tcase_add_test(tc, test_bad_files);
    tcase_add_test(tc, test_bad_directories);
    tcase_add_test(tc, test_other_owner);
    tcase_add_loop_test(tc, test_announcer, 0, ROWS(announcers));
    tcase_add_test(tc, test_hidden_announcer);
    tcase_add_test(tc, test_lock);
    tcase_add_test(tc, test_lock_of_what_was_moved);
    tcase_add_test(tc, test_size);
    tcase_add_test(tc, test_long_socket);
    return fixture_run("launcher-record", tc);
}
