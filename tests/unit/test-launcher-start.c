/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/launcher.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "launcher-world.h"

/*
 * Whole starts, with a kernel that says what the test wants and notes what it is asked for. What is
 * compared is what happened to the world: which program was run with which arguments under which label,
 * and what the log says.
 */

/* The last line of the log is about the exec that the fake kernel refused: nothing else failed. */
static int
lines_before_exec(void)
{
    int lines = 0;

    for (const char *at = log_text; *at; at++)
        lines += *at == '\n';
    ck_assert_msg(strstr(log_text, "cannot run"), "%s", log_text);
    return lines - 1;
}

static void
assert_untouched(const char *line)
{
    char wanted[PATH_MAX + 64];

    snprintf(wanted, sizeof(wanted), "--fd=%d%s%s", listener, *line ? "|" : "", line);
    ck_assert_str_eq(done.ran, fixture_path("bin/virtiofsd"));
    ck_assert_str_eq(done.line, wanted);
    ck_assert_str_eq(done.label, "");
    ck_assert_str_eq(done.environment, "PATH=/home/bin|LANGUAGE=../../x|RUST_LOG=debug|SECRET=1");
    ck_assert(!done.unshared && !done.mounted && !done.filtered);
    ck_assert_int_eq(done.queries, 0);
}

static void
assert_refused(const char *why)
{
    ck_assert_msg(!done.ran[0], "ran %s although %s", done.ran, why);
    ck_assert_msg(strstr(log_text, why), "%s: %s", why, log_text);
    ck_assert_msg(strchr(log_text, '\n') == log_text + strlen(log_text) - 1, "one line: %s",
                  log_text);
}

static const struct {
    bool query, root, apparmor;
    LauncherRecord record;
    LauncherDecision decision;
} decisions[] = {
    {true, true, true, LAUNCHER_RECORD_FOUND, LAUNCHER_PASS},
    {true, true, true, LAUNCHER_RECORD_UNKNOWN, LAUNCHER_PASS},
    {true, false, false, LAUNCHER_RECORD_NONE, LAUNCHER_PASS},
    {false, false, true, LAUNCHER_RECORD_FOUND, LAUNCHER_PASS},
    {false, false, true, LAUNCHER_RECORD_UNKNOWN, LAUNCHER_PASS},
    {false, true, false, LAUNCHER_RECORD_FOUND, LAUNCHER_PASS},
    {false, true, false, LAUNCHER_RECORD_UNKNOWN, LAUNCHER_PASS},
    {false, true, true, LAUNCHER_RECORD_NONE, LAUNCHER_PASS_NOTED},
    {false, true, true, LAUNCHER_RECORD_FOUND, LAUNCHER_CONFINE},
    {false, true, true, LAUNCHER_RECORD_UNKNOWN, LAUNCHER_REFUSE},
};

START_TEST(test_decisions)
{
    ck_assert_int_eq(launcher_decide(decisions[_i].query, decisions[_i].root,
                                     decisions[_i].apparmor, decisions[_i].record),
                     decisions[_i].decision);
}
END_TEST

START_TEST(test_pass_not_root)
{
    world.root = false;
    make_record("");
    start("--shared-dir|/a|--sandbox|none|--uid-map=:0:1:1:");
    assert_untouched("--shared-dir|/a|--sandbox|none|--uid-map=:0:1:1:");
    ck_assert_int_eq(lines_before_exec(), 0);
}
END_TEST

START_TEST(test_pass_no_apparmor)
{
    world.apparmor = false;
    make_record("");
    start("-o|source=/a,sandbox=namespace");
    assert_untouched("-o|source=/a,sandbox=namespace");
    ck_assert_int_eq(lines_before_exec(), 0);
}
END_TEST

START_TEST(test_pass_query)
{
    make_record("");
    start("--print-capabilities");
    assert_untouched("--print-capabilities");
    ck_assert_int_eq(lines_before_exec(), 0);
}
END_TEST

/* Nothing is said about sockets and shares where none were looked for. */
START_TEST(test_no_virtiofsd)
{
    ck_assert_int_eq(unlink(fixture_path("bin/virtiofsd")), 0);
    start_with(-1, "--version");
    ck_assert_str_eq(log_text, "virt-aa-virtiofsd: there is no virtiofsd on this host: install "
                               "virtiofsd, or name it in the configuration file\n");
    world.root = false;
    start("--shared-dir|/a");
    ck_assert_ptr_nonnull(strstr(log_text, "virt-aa-virtiofsd: there is no virtiofsd on this host; "
                                           "virtiofsd was not started: install"));
    world.root = true;
    start("--shared-dir|/a");
    ck_assert_ptr_nonnull(strstr(log_text, "s.sock', share '/a': there is no virtiofsd"));
}
END_TEST

START_TEST(test_pass_no_record)
{
    start("--shared-dir|/a|--shared-dir-x");
    assert_untouched("--shared-dir|/a|--shared-dir-x");
    ck_assert_int_eq(lines_before_exec(), 1);
    ck_assert_ptr_nonnull(strstr(log_text, "no AppArmor record for socket"));
}
END_TEST

/* The helper is asked, and its no is one: the administrator's, or that of a helper that is not ours. */
START_TEST(test_refuse_no_record)
{
    fixture_file("broken", "", 0644);
    start("--shared-dir|/a");
    ck_assert_ptr_nonnull(strstr(log_text, "bin/helper failed with status 1 (no room)"));
    ck_assert(!done.ran[0]);
    ck_assert_int_eq(unlink(fixture_path("bin/helper")), 0);
    start("--shared-dir|/a");
    assert_refused("cannot run");
}
END_TEST

START_TEST(test_pass_no_descriptor)
{
    start_with(-1, "--socket-path=/x|--shared-dir|/a");
    ck_assert_str_eq(done.line, "--socket-path=/x|--shared-dir|/a");
    ck_assert_int_eq(lines_before_exec(), 1);
}
END_TEST

/* The administrator's no is one for a socket without a path too. */
START_TEST(test_refuse_no_descriptor)
{
    fixture_file("broken", "", 0644);
    start_with(-1, "--socket-path=/x|--shared-dir|/a");
    ck_assert_ptr_nonnull(strstr(log_text, "bin/helper failed with status 1 (no room)"));
    ck_assert(!done.ran[0]);
}
END_TEST

/* A socket that was announced, by whatever name: none but the one that libvirt hands over. */
static const char *const announced_by_name[] = {
    "--socket-path=@/s.sock|--shared-dir|@/share",
    "--shared-dir|@/share|--socket-path|@/s.sock",
    "--socket=@/s.sock|-o|source=@/share",
    "--socket-path=@/share/..//./s.sock|--shared-dir|@/share",
    "--socket-path=s.sock|--shared-dir|@/share",
    "--socket-path=@/link/s.sock|--shared-dir|@/share",
};

START_TEST(test_refuse_by_name)
{
    make_record("share=@/share\nreadonly=no\n");
    ck_assert_int_eq(symlink(fixture_root, fixture_path("link")), 0);
    ck_assert_int_eq(chdir(fixture_root), 0);
    start_with(-1, announced_by_name[_i]);
    ck_assert_int_eq(chdir("/"), 0);
    assert_refused("hands it over by --fd");
}
END_TEST

/* Nothing counts as a question, or as an option of ours, that the daemon takes for something else. */
START_TEST(test_refuse_end_of_options)
{
    make_record("share=@/share\nreadonly=no\n");
    start("--shared-dir|@/share|--|--version");
    assert_refused("'--' is no argument");
    start("--|--shared-dir|@/share");
    assert_refused("'--' is no argument");
}
END_TEST

START_TEST(test_no_name)
{
    char *argv[] = {NULL, (char *)"SHELL=/bin/sh", NULL};
    const char *vhost_user[] = {NULL};
    const char *known[] = {fixture_path("bin/virtiofsd"), NULL};
    LauncherPaths paths = {.name = "virt-aa-virtiofsd", .vhost_user = vhost_user, .known = known};

    world.root = false;
    ck_assert_int_eq(launcher_run(0, argv, argv, &paths, &fake_system), EXIT_FAILURE);
    ck_assert(!done.ran[0]);
    ck_assert_ptr_null(argv[0]);
}
END_TEST

START_TEST(test_confine)
{
    char wanted[PATH_MAX * 2];

    make_record("share=@/share\nreadonly=no\noption=--posix-acl\n");
    start("--shared-dir|@/share/../share//|--cache|never");
    snprintf(wanted, sizeof(wanted),
             "--fd=%d|--cache|never|--shared-dir|%s|--sandbox|chroot|--inode-file-handles=never|"
             "--posix-acl",
             listener, fixture_path("share"));
    ck_assert_str_eq(done.ran, fixture_path("bin/virtiofsd"));
    ck_assert_str_eq(done.line, wanted);
    ck_assert_str_eq(done.label, LABEL);
    ck_assert_str_eq(done.environment, "PATH=/usr/sbin:/usr/bin:/sbin:/bin|RUST_LOG=debug");
    ck_assert(done.unshared && done.mounted && done.settled && done.landlocked && done.filtered);
    ck_assert(!done.readonly);
    ck_assert_int_eq(done.queries, 2);
    ck_assert_int_eq(lines_before_exec(), 0);
    ck_assert_int_ne(access(fixture_path("called"), F_OK), 0);
}
END_TEST

/* A libvirtd that ends between its announcement and this start: nobody took the VM's label from it. */
START_TEST(test_confine_without_libvirtd)
{
    char lines[256];
    pid_t libvirtd = fork();

    if (libvirtd == 0)
        _exit(listen(listener, 1));
    ck_assert_int_eq(waitpid(libvirtd, NULL, 0), libvirtd);
    snprintf(lines, sizeof(lines), "share=@/share\nreadonly=no\nannouncer=%d 1\n", (int)libvirtd);
    make_record(lines);
    start("--shared-dir|@/share");
    ck_assert_str_eq(done.label, LABEL);
    ck_assert_ptr_nonnull(strstr(done.line, "|--sandbox|chroot|"));
}
END_TEST

/* The next one has its number, and has started a VM that it announced to nobody. */
START_TEST(test_refuse_another_libvirtds)
{
    char lines[256];

    snprintf(lines, sizeof(lines), "share=@/share\nreadonly=no\nannouncer=%d 1\n", (int)getpid());
    make_record(lines);
    start("--shared-dir|@/share");
    ck_assert(!done.ran[0]);
    ck_assert_ptr_nonnull(strstr(log_text, "is of a libvirtd that has ended"));
}
END_TEST

/* What an earlier libvirtd announced, of another VM. */
START_TEST(test_pass_stale)
{
    char lines[256];

    snprintf(lines, sizeof(lines), "share=@/share\nreadonly=no\nannouncer=%d 1\n",
             (int)getpid() + 1);
    make_record(lines);
    start("--shared-dir|/a");
    assert_untouched("--shared-dir|/a");
    ck_assert_ptr_nonnull(strstr(log_text, "no AppArmor record for socket"));
}
END_TEST

START_TEST(test_confine_c_daemon)
{
    char wanted[PATH_MAX * 2];

    make_record("share=@/share\nreadonly=no\n");
    start("-o|source=@/share,cache=always");
    snprintf(wanted, sizeof(wanted), "--fd=%d|-o|cache=always|-o|source=%s,sandbox=chroot",
             listener, fixture_path("share"));
    ck_assert_str_eq(done.line, wanted);
    ck_assert_str_eq(done.label, LABEL);
}
END_TEST

START_TEST(test_sandbox_is_said_once)
{
    make_record("share=@/share\nreadonly=no\n");
    start("--shared-dir|@/share|--sandbox|namespace");
    ck_assert_int_eq(lines_before_exec(), 1);
    ck_assert_ptr_nonnull(strstr(log_text, "VM 'vm1'"));
    ck_assert_ptr_nonnull(strstr(log_text, "instead of 'namespace'"));
}
END_TEST

START_TEST(test_complain_is_said)
{
    world.mode = "complain";
    make_record("share=@/share\nreadonly=no\n");
    start("--shared-dir|@/share");
    ck_assert_str_eq(done.label, LABEL);
    ck_assert_int_eq(lines_before_exec(), 1);
    ck_assert_ptr_nonnull(strstr(log_text, "mode 'complain'"));
}
END_TEST

START_TEST(test_no_landlock_is_said)
{
    world.landlock_absent = true;
    make_record("share=@/share\nreadonly=no\n");
    start("--shared-dir|@/share");
    ck_assert_str_eq(done.label, LABEL);
    ck_assert(done.mounted && done.filtered && !done.landlocked);
    ck_assert_int_eq(lines_before_exec(), 1);
    ck_assert_ptr_nonnull(strstr(log_text, "no Landlock"));
}
END_TEST

START_TEST(test_read_only_needs_no_write)
{
    world.allows_write = false;
    make_record("share=@/share\nreadonly=yes\n");
    start("--shared-dir|@/share");
    ck_assert_str_eq(done.label, LABEL);
    ck_assert(done.mounted && done.readonly);
    ck_assert_int_eq(lines_before_exec(), 0);
}
END_TEST

/* Reads what the helper was called with; @suffix is what stands after the socket. */
static void
assert_helped(const char *suffix)
{
    char wanted[PATH_MAX * 3];
    char called[PATH_MAX * 3] = "";
    int fd = open(fixture_path("called"), O_RDONLY | O_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_ge(read(fd, called, sizeof(called) - 1), 0);
    close(fd);
    snprintf(wanted, sizeof(wanted), "-r -u " PROFILE " --add-share %s --share-socket %s%s\n",
             fixture_path("share"), fixture_path("s.sock"), suffix);
    ck_assert_str_eq(called, wanted);
}

/* Covered by another share, an attached one is told of nevertheless: that one may go first. */
START_TEST(test_hotplug_covered)
{
    make_record("");
    start("--shared-dir|@/share");
    assert_helped("");
    ck_assert_str_eq(done.label, LABEL);
}
END_TEST

START_TEST(test_hotplug)
{
    world.allows_read = world.allows_write = false;
    make_record("");
    start("--shared-dir|@/share");
    assert_helped("");
    ck_assert_str_eq(done.label, LABEL);
    ck_assert_int_eq(lines_before_exec(), 0);
}
END_TEST

START_TEST(test_hotplug_read_only)
{
    world.allows_read = world.allows_write = false;
    make_record("");
    start("--shared-dir|@/share|--readonly");
    assert_helped(" --share-readonly");
    ck_assert_str_eq(done.label, LABEL);
    ck_assert(done.readonly);
}
END_TEST

/* By the configuration, which libvirt does not know of. */
START_TEST(test_hotplug_read_only_by_option)
{
    make_record("option=--readonly\n");
    start("--shared-dir|@/share");
    assert_helped(" --share-readonly");
    ck_assert_str_eq(done.label, LABEL);
    ck_assert(done.readonly);
}
END_TEST

START_TEST(test_profile_not_loaded)
{
    world.profile_loaded = false;
    make_record("share=@/share\nreadonly=no\n");
    start("--shared-dir|@/share");
    assert_helped("");
    ck_assert_str_eq(done.label, LABEL);
}
END_TEST

START_TEST(test_readable_is_not_writable)
{
    world.allows_write = false;
    make_record("share=@/share\nreadonly=no\n");
    start("--shared-dir|@/share");
    assert_helped("");
    ck_assert_str_eq(done.label, LABEL);
}
END_TEST

START_TEST(test_helper_fails)
{
    world.allows_read = false;
    fixture_file("broken", "", 0644);
    make_record("");
    start("--shared-dir|@/share");
    ck_assert(!done.ran[0] && !done.label[0]);
    ck_assert_ptr_nonnull(strstr(log_text, "(no room)"));
}
END_TEST

START_TEST(test_helper_does_nothing)
{
    world.allows_read = false;
    fixture_file("idle", "", 0644);
    make_record("");
    start("--shared-dir|@/share");
    assert_refused("does not allow the directory");
    ck_assert_str_eq(done.label, "");
}
END_TEST

START_TEST(test_helper_loads_nothing)
{
    world.profile_loaded = false;
    fixture_file("idle", "", 0644);
    make_record("");
    start("--shared-dir|@/share");
    assert_refused("is not loaded");
}
END_TEST

static const struct {
    const char *name;
    const char *record;
    const char *line;
    const char *why;
} refusals[] = {
    {"another directory", "share=@/share\nreadonly=no\n", "--shared-dir|@/other",
     "the VM's definition names"},
    {"a link to another directory", "share=@/share\nreadonly=no\n", "--shared-dir|@/link",
     "the VM's definition names"},
    {"below the directory", "share=@/share\nreadonly=no\n", "--shared-dir|@", "definition names"},
    {"no directory", "", "--cache|never", "name no directory"},
    {"a directory that is not there", "", "--shared-dir|@/nowhere", "cannot open the directory"},
    {"a file", "", "--shared-dir|@/bin/virtiofsd", "cannot open the directory"},
    {"a relative directory", "", "--shared-dir|share", "not absolute"},
    {"id maps", "", "--shared-dir|@/share|--uid-map=:0:1:1:", "<idmap>"},
    {"group id maps", "", "--shared-dir|@/share|--gid-map|:0:1:1:", "<idmap>"},
    {"directory twice", "", "--shared-dir|@/share|--shared-dir|/etc", "twice"},
    {"an option of the configuration's", "option=--sandbox=none\n", "--shared-dir|@/share",
     "cannot be set"},
    {"malformed record", "colour=red\n", "--shared-dir|@/share", "line 4"},
    {"program of the configuration's", "binary=@/nowhere\n", "--shared-dir|@/share",
     "there is no program"},
    {"program open to all", "binary=@/open\n", "--shared-dir|@/share", "can be changed by others"},
};

START_TEST(test_refusals)
{
    fixture_file("open", "", 0777);
    ck_assert_int_eq(symlink("other", fixture_path("link")), 0);
    make_record(refusals[_i].record);
    start(refusals[_i].line);
    assert_refused(refusals[_i].why);
    ck_assert_msg(!done.label[0] && !done.unshared, "%s", refusals[_i].name);
}
END_TEST

START_TEST(test_kernel_refuses)
{
    make_record("share=@/share\nreadonly=no\n");
    world.query_fails = true;
    start("--shared-dir|@/share");
    assert_refused("cannot ask the kernel about profile " LABEL);
    world.query_fails = false;
    world.unshare_fails = true;
    start("--shared-dir|@/share");
    assert_refused("cannot make network, IPC, UTS and mount namespaces");
    world.unshare_fails = false;
    world.unshare_lies = true;
    start("--shared-dir|@/share");
    assert_refused("namespace net did not change");
    world.unshare_lies = false;
    done.unshared = false;
    world.label_fails = true;
    start("--shared-dir|@/share");
    assert_refused("cannot change to profile " LABEL);
    world.label_fails = false;
    done.unshared = false;
    world.label_lies = "unconfined";
    start("--shared-dir|@/share");
    assert_refused("the kernel took profile unconfined for " LABEL);
    world.label_lies = NULL;
    done.unshared = false;
    world.mounts_fail = true;
    start("--shared-dir|@/share");
    assert_refused("cannot mount the directory");
    world.mounts_fail = false;
    done.unshared = done.mounted = false;
    world.descriptors_fail = true;
    start("--shared-dir|@/share");
    assert_refused("no descriptors");
    world.descriptors_fail = false;
    done.unshared = done.mounted = false;
    world.landlock_fails = true;
    start("--shared-dir|@/share");
    assert_refused("cannot come under Landlock");
    world.landlock_fails = false;
    done.unshared = done.mounted = false;
    world.filter_fails = true;
    start("--shared-dir|@/share");
    assert_refused("cannot set a seccomp filter");
    world.filter_fails = false;
    world.filter_lies = true;
    done.unshared = done.mounted = done.landlocked = false;
    start("--shared-dir|@/share");
    assert_refused("the seccomp filter refuses nothing");
}
END_TEST

/* The line names the VM, the share, what failed and what to do; a name cannot forge a second one. */
START_TEST(test_line)
{
    make_record("x-a=1\n");
    start("--shared-dir|@/nowhere\nvirt-aa-virtiofsd: all is well");
    assert_refused("VM 'vm1', share '");
    ck_assert_ptr_nonnull(strstr(log_text, "/nowhere\\012virt-aa"));
    ck_assert_ptr_nonnull(strstr(log_text, "was not started: "));
}
END_TEST

START_TEST(test_descriptors)
{
    int pipe_ends[2];
    int unbound = socket(AF_UNIX, SOCK_STREAM, 0);
    int network = socket(AF_INET, SOCK_STREAM, 0);
    int closed = dup(listener);

    make_record("");
    close(closed);
    start_with(closed, "--shared-dir|@/share");
    assert_refused("cannot ask for the socket");
    ck_assert_int_eq(pipe(pipe_ends), 0);
    start_with(pipe_ends[0], "--shared-dir|@/share");
    assert_refused("cannot ask for the socket");
    if (network >= 0) {
        start_with(network, "--shared-dir|@/share");
        assert_refused("is not a local one");
        close(network);
    }
    start_with(unbound, "--shared-dir|@/share");
    assert_refused("does not listen");
    ck_assert_int_eq(listen(unbound, 1), -1);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    close(unbound);
}
END_TEST

START_TEST(test_abstract_socket)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0/var/lib/x"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    make_record("");
    ck_assert_int_eq(
        bind(fd, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + 11), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    start_with(fd, "--shared-dir|@/share");
    ck_assert_int_eq(lines_before_exec(), 1);
    ck_assert_str_eq(done.label, "");
    close(fd);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("start");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_decisions, 0, ROWS(decisions));
    tcase_add_test(tc, test_pass_not_root);
    tcase_add_test(tc, test_pass_no_apparmor);
    tcase_add_test(tc, test_pass_query);
    tcase_add_test(tc, test_no_virtiofsd);
    tcase_add_test(tc, test_pass_no_record);
    tcase_add_test(tc, test_refuse_no_record);
    tcase_add_test(tc, test_hotplug_covered);
    tcase_add_test(tc, test_pass_no_descriptor);
    tcase_add_test(tc, test_refuse_no_descriptor);
    tcase_add_loop_test(tc, test_refuse_by_name, 0, ROWS(announced_by_name));
    tcase_add_test(tc, test_refuse_end_of_options);
    tcase_add_test(tc, test_no_name);
    tcase_add_test(tc, test_confine);
    tcase_add_test(tc, test_confine_without_libvirtd);
    tcase_add_test(tc, test_refuse_another_libvirtds);
    tcase_add_test(tc, test_pass_stale);
    tcase_add_test(tc, test_confine_c_daemon);
    tcase_add_test(tc, test_sandbox_is_said_once);
    tcase_add_test(tc, test_complain_is_said);
    tcase_add_test(tc, test_no_landlock_is_said);
    tcase_add_test(tc, test_read_only_needs_no_write);
    tcase_add_test(tc, test_hotplug);
    tcase_add_test(tc, test_hotplug_read_only);
    tcase_add_test(tc, test_hotplug_read_only_by_option);
    tcase_add_test(tc, test_profile_not_loaded);
    tcase_add_test(tc, test_readable_is_not_writable);
    tcase_add_test(tc, test_helper_fails);
    tcase_add_test(tc, test_helper_does_nothing);
    tcase_add_test(tc, test_helper_loads_nothing);
    tcase_add_loop_test(tc, test_refusals, 0, ROWS(refusals));
    tcase_add_test(tc, test_kernel_refuses);
    tcase_add_test(tc, test_line);
    tcase_add_test(tc, test_descriptors);
    tcase_add_test(tc, test_abstract_socket);
    return fixture_run("launcher-start", tc);
}
