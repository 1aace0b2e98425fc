/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/kernel.h"

#include <check.h>
#include <glib/gstdio.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/apparmor.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"

/* Compiled by a script that always answers alike, so that these tests need no parser: the header, and of
 * the profiles "a", "b" and "a//child" not more than their names. */
#define COMPILED                                       \
    "\004\010\000version\000\002\005\000\000\000"      \
    "\004\010\000profile\000\007\005\002\000a\000\010" \
    "\004\010\000profile\000\007\005\002\000b\000\010" \
    "\004\010\000profile\000\007\005\011\000a//child\000\010"
#define PARSER                                                          \
    "printf '\\004\\010\\000version\\000\\002\\005\\000\\000\\000'; "   \
    "for name in '\\002\\000a' '\\002\\000b' '\\011\\000a//child'; do " \
    "printf '\\004\\010\\000profile\\000\\007\\005'; printf \"$name\\000\\010\"; done"
#define TWO "profile a {\n}\nprofile b {\n}\n"

static char *dir;
static char *aafs; /* stands for securityfs's directory */
static char *proc;
static char *parser;

static void
put(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);

    ck_assert_int_eq(g_mkdir_with_parents(parent, 0755), 0);
    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static char *
get(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *text = NULL;

    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void
set_parser(const char *body)
{
    g_autofree char *text = g_strdup_printf("#!/bin/sh\n%s\n", body);

    put(dir, "parser", text);
    ck_assert_int_eq(chmod(parser, 0755), 0);
}

static void
setup(void)
{
    dir = g_dir_make_tmp("test-kernel-XXXXXX", NULL);
    ck_assert_ptr_nonnull(dir);
    aafs = g_build_filename(dir, "apparmor", NULL);
    proc = g_build_filename(dir, "proc", NULL);
    parser = g_build_filename(dir, "parser", NULL);
    set_parser(PARSER);
    put(aafs, ".load", "");
    put(aafs, ".replace", "");
    put(aafs, ".remove", "");
    put(proc, "1/comm", "init");
}

static void
teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", dir);

    ck_assert_int_eq(system(command), 0);
    g_clear_pointer(&dir, g_free);
    g_clear_pointer(&aafs, g_free);
    g_clear_pointer(&proc, g_free);
    g_clear_pointer(&parser, g_free);
}

static Kernel *
make(void)
{
    return kernel_new(&(KernelOptions){.parser = parser, .apparmorfs = aafs, .proc = proc});
}

/* One whose interface is not to be written, so that the parser is used. */
static Kernel *
make_without_interface(void)
{
    g_autofree char *path = g_build_filename(aafs, ".replace", NULL);

    ck_assert_int_eq(unlink(path), 0);
    return make();
}

static gboolean
load(Kernel *kernel, const char *text, KernelHow how, GError **error)
{
    g_autoptr(KernelPolicy) policy = kernel_compile(kernel, text, strlen(text), NULL, error);

    return policy && kernel_commit(kernel, policy, how, error);
}

START_TEST(test_through_the_interface)
{
    g_autoptr(Kernel) kernel = make();
    g_autoptr(GError) error = NULL;
    g_autofree char *replaced = NULL;
    g_autofree char *added = NULL;
    g_autofree char *removed = NULL;
    gboolean was_loaded = FALSE;

    ck_assert(kernel_can_write(kernel));
    ck_assert(load(kernel, TWO, KERNEL_REPLACE, &error));
    replaced = get(aafs, ".replace");
    ck_assert_mem_eq(replaced, COMPILED, sizeof(COMPILED) - 1);
    ck_assert(load(kernel, TWO, KERNEL_ADD, &error));
    added = get(aafs, ".load");
    ck_assert_mem_eq(added, COMPILED, sizeof(COMPILED) - 1);
    ck_assert(kernel_remove(kernel, "a", &was_loaded, &error));
    ck_assert(was_loaded);
    removed = get(aafs, ".remove");
    ck_assert_mem_eq(removed, "a", 1);
}
END_TEST

/* Compiling loads nothing, and what was compiled is what is loaded. */
START_TEST(test_compile_then_commit)
{
    g_autoptr(Kernel) kernel = make();
    g_autoptr(GError) error = NULL;
    g_autoptr(KernelPolicy) policy = kernel_compile(kernel, TWO, strlen(TWO), NULL, &error);
    g_autofree char *before = get(aafs, ".replace");
    g_autofree char *after = NULL;

    ck_assert_ptr_nonnull(policy);
    ck_assert_str_eq(before, "");
    set_parser("exit 1");
    ck_assert(kernel_commit(kernel, policy, KERNEL_REPLACE, &error));
    after = get(aafs, ".replace");
    ck_assert_mem_eq(after, COMPILED, sizeof(COMPILED) - 1);
}
END_TEST

/* Each profile of the text must be in what the parser wrote, and no other. */
START_TEST(test_names)
{
    static const struct {
        const char *text;
        const char *wrong; /* how it ends; NULL: all is well */
    } rows[] = {
        {TWO, NULL},
        {"profile a {\n  profile child {\n  }\n}\nprofile b {\n}\n", NULL},
        {"profile a {\n}\n", "has the profile b, which nobody asked for"},
        {"profile b {\n}\n", "has the profile a, which nobody asked for"},
        {"profile \"quoted a\" {\n}\n", NULL}, /* which is not looked for */
        {"profile c {\n}\n", "does not have the profile c"},
        {"profile a {\n}\nprofile c {\n}\n", "does not have the profile c"},
        {"profile aa {\n}\n", "does not have the profile aa"},
        {"profile ersion {\n}\n",
         "does not have the profile ersion"}, /* bytes that are there, and no profile's */
        {"profile hild {\n}\n", "does not have the profile hild"},
    };
    g_autoptr(Kernel) kernel = make();

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *text = rows[i].text;
        g_autoptr(GError) error = NULL;
        g_autoptr(KernelPolicy) policy = kernel_compile(kernel, text, strlen(text), NULL, &error);

        ck_assert_msg(!policy == !!rows[i].wrong, "%s: %s", text, error ? error->message : "");
        ck_assert_msg(policy || g_str_has_suffix(error->message, rows[i].wrong), "%s: %s", text,
                      error ? error->message : "");
    }
}
END_TEST

/* In place of the C library's: the host has nothing else to do, whatever it has. */
int
sysinfo(struct sysinfo *info)
{
    *info = (struct sysinfo){0};
    return 0;
}

/* All runs of one call have one limit: what the first took, the second has no more. */
START_TEST(test_time_of_all_runs)
{
    g_autoptr(Kernel) kernel =
        kernel_new(&(KernelOptions){.parser = parser, .apparmorfs = aafs, .parser_ms = 4000});
    g_autoptr(GError) error = NULL;

    set_parser("PATH=/bin:/usr/bin; sleep 2.5; exit 1");
    ck_assert(!kernel_compile(kernel, TWO, strlen(TWO), NULL, &error));
    ck_assert_msg(g_str_has_suffix(error->message, "no message"), "%s", error->message);
    g_clear_error(&error);
    ck_assert(!kernel_compile(kernel, TWO, strlen(TWO), NULL, &error));
    ck_assert_msg(g_str_has_suffix(error->message, "was killed"), "%s", error->message);
}
END_TEST

START_TEST(test_interface_refuses)
{
    g_autoptr(Kernel) kernel = make();
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(aafs, ".load", NULL);

    /* Writing to a directory is EISDIR, a reason that is not explained. */
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(g_mkdir(path, 0755), 0);
    ck_assert(!load(kernel, TWO, KERNEL_ADD, &error));
    ck_assert_str_eq(error->message, "cannot add the profile a, b to the kernel: Is a directory");
}
END_TEST

START_TEST(test_by_the_parser)
{
    g_autoptr(Kernel) kernel = make_without_interface();
    g_autoptr(GError) error = NULL;
    g_autofree char *log = g_build_filename(dir, "log", NULL);
    g_autofree char *body = g_strdup_printf("echo \"$*\" >>'%s'; " PARSER, log);
    g_autofree char *said = NULL;
    gboolean was_loaded = FALSE;

    ck_assert(!kernel_can_write(kernel));
    set_parser(body);
    ck_assert(load(kernel, TWO, KERNEL_REPLACE, &error));
    ck_assert(load(kernel, TWO, KERNEL_ADD, &error));
    ck_assert(kernel_remove(kernel, "a", &was_loaded, &error));
    ck_assert(was_loaded);
    said = get(dir, "log");
    ck_assert_msg(strstr(said, "\n--binary --replace --skip-cache --jobs 0\n") != NULL, "%s", said);
    ck_assert_msg(strstr(said, "\n--binary --add --skip-cache --jobs 0\n") != NULL, "%s", said);
    ck_assert_msg(g_str_has_suffix(said, "\n--remove --skip-cache --jobs 0\n"), "%s", said);
}
END_TEST

START_TEST(test_parser_refuses)
{
    static const struct {
        int status; /* of --binary */
        KernelHow how;
        BaseError code;
        const char *message;
    } rows[] = {
        {13, KERNEL_REPLACE, BASE_ERROR_DENIED,
         "cannot replace the profile a, b in the kernel: this process may not manage policy: it "
         "must "
         "have CAP_MAC_ADMIN, not be confined by a profile that withholds it, and policy must not "
         "be "
         "locked (Permission denied): no"},
        {17, KERNEL_ADD, BASE_ERROR_FAILED,
         "cannot add the profile a, b to the kernel: it is loaded already; replace it instead "
         "(File "
         "exists): no"},
        {2, KERNEL_REPLACE, BASE_ERROR_FAILED,
         "cannot replace the profile a, b in the kernel: no such profile is loaded, or the parent "
         "that its name begins with is not (No such file or directory): no"},
        {71, KERNEL_REPLACE, BASE_ERROR_FAILED,
         "cannot replace the profile a, b in the kernel: the kernel does not understand the "
         "compiled "
         "policy; apparmor_parser may be too new for this kernel, or its policy-features may name "
         "features that the kernel has not (Protocol error): no"},
        {1, KERNEL_REPLACE, BASE_ERROR_UNSURE, "cannot replace the profile a, b in the kernel: no"},
    };
    g_autoptr(Kernel) kernel = make_without_interface();

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *body = g_strdup_printf(
            "case $1 in --binary) echo no >&2; exit %d;; esac; " PARSER, rows[i].status);
        g_autoptr(GError) error = NULL;

        set_parser(body);
        ck_assert(!load(kernel, TWO, rows[i].how, &error));
        ck_assert_str_eq(error->message, rows[i].message);
        ck_assert_int_eq(error->code, (int)rows[i].code);
    }
}
END_TEST

START_TEST(test_remove_what_is_not_loaded)
{
    static const int statuses[] = {254, 234}; /* ENOENT, and EINVAL that libvirt looks for */
    g_autoptr(Kernel) kernel = make_without_interface();
    g_autoptr(GError) error = NULL;
    gboolean was_loaded = TRUE;

    for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_autofree char *body = g_strdup_printf("echo no >&2; exit %d", statuses[i]);

        set_parser(body);
        was_loaded = TRUE;
        ck_assert(kernel_remove(kernel, "a", &was_loaded, &error));
        ck_assert(!was_loaded);
    }
    set_parser("echo no >&2; exit 243");
    ck_assert(!kernel_remove(kernel, "a", &was_loaded, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_DENIED));
    g_clear_error(&error);
    ck_assert(!kernel_remove(kernel, "a {} profile b", &was_loaded, &error));
    ck_assert_str_eq(error->message, "'a {} profile b' is not the name of a profile");
}
END_TEST

START_TEST(test_has_profile)
{
    static const struct {
        const char *name;
        gboolean loaded;
    } rows[] = {
        {"a", TRUE}, {"libvirt-1", TRUE}, {"libvirt", FALSE}, {"b", FALSE}, {"enforce", FALSE},
    };
    g_autoptr(Kernel) kernel = make();
    g_autoptr(GError) error = NULL;
    gboolean loaded;

    ck_assert(!kernel_has_profile(kernel, "a", &loaded, &error));
    ck_assert(g_str_has_prefix(error->message, "cannot learn which profiles are loaded: "));

    put(aafs, "profiles", "a (enforce)\nlibvirt-1 (complain)\nx y b (enforce)\n");
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        ck_assert(kernel_has_profile(kernel, rows[i].name, &loaded, NULL));
        ck_assert_msg(loaded == rows[i].loaded, "%s", rows[i].name);
    }
}
END_TEST

/* Threads that have labels, as /proc shows them. */
static void
put_threads(void)
{
    static const struct {
        const char *file;
        const char *label;
    } files[] = {
        {"1/task/1/attr/apparmor/current", "unconfined\n"},
        {"1/task/1/attr/current", "libvirt-4 (enforce)\n"}, /* of another module */
        {"20/task/20/attr/apparmor/current", "libvirt-1 (enforce)\n"},
        {"21/task/21/attr/apparmor/current", "outer//&libvirt-2 (enforce)\n"},
        {"22/task/22/attr/apparmor/current", "libvirt-3//child (complain)\n"},
        {"23/task/23/attr/current", "old (enforce)\n"},
        {"24/task/24/attr/apparmor/current", "unconfined\n"},
        {"24/task/25/attr/apparmor/current", "second-thread (enforce)\n"},
        {"26/task/26/attr/apparmor/current", "launcher (enforce)\n"},
        {"26/task/26/attr/apparmor/exec", "about-to (enforce)\n"},
        {"27/task/27/attr/current", "launcher (enforce)\n"},
        {"27/task/27/attr/exec", "old-about-to (enforce)\n"},
        {"28/task/28/attr/apparmor/current", "launcher (enforce)\n"},
        {"28/task/28/attr/apparmor/prev", "hat (enforce)\n"},
        {"28/task/name", "libvirt-4 (enforce)\n"},
        {"self/task/1/attr/current", "libvirt-4 (enforce)\n"},
        {"29/attr/current", "libvirt-4 (enforce)\n"}, /* has ended: there are no threads */
    };

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        put(proc, files[i].file, files[i].label);
}

/* The file .access as the kernel has it, which answers what was written to it last: a terminal, at whose other
 * end a process answers. */
typedef struct {
    int terminal; /* open, so that the other end does not hang up between two questions */
    pid_t pid;
} Answerer;

#define NOTHING "allow 0x00000000\n"

/* To a question like that about @mark, of one path of its length. */
static void G_GNUC_NORETURN
answer(int master, const char *mark, const char *to_mark, const char *to_others)
{
    static const char question[] = "label\0a\0\002";
    const gsize begin = sizeof(question) - 1;
    char asked[512];
    ssize_t n;

    while ((n = read(master, asked, sizeof(asked))) > 0) {
        const char *said = "";

        if ((gsize)n == begin + strlen(mark) && memcmp(asked, question, begin) == 0)
            said = memcmp(asked + begin, mark, strlen(mark)) == 0 ? to_mark : to_others;
        else
            said = NOTHING;
        if (write(master, said, strlen(said)) < 0)
            break;
    }
    _exit(0);
}

static void
begin_answering(Answerer *answerer, const char *mark, const char *to_mark, const char *to_others)
{
    g_autofree char *path = g_build_filename(aafs, ".access", NULL);
    struct termios raw = {.c_cflag = CS8 | CREAD, .c_cc = {[VMIN] = 1}};
    char name[64];
    int master;

    ck_assert_int_eq(openpty(&master, &answerer->terminal, name, &raw, NULL), 0);
    g_unlink(path);
    ck_assert_int_eq(symlink(name, path), 0);
    answerer->pid = fork();
    ck_assert_int_ge(answerer->pid, 0);
    if (answerer->pid == 0) {
        close(answerer->terminal);
        answer(master, mark, to_mark, to_others);
    }
    close(master);
}

static void
end_answering(const Answerer *answerer)
{
    close(answerer->terminal);
    ck_assert_int_eq(waitpid(answerer->pid, NULL, 0), answerer->pid);
}

/* A file stands for .access: what is written is the question, and what follows it in the file the answer. The
 * second question is longer, and its answer begins further on. */
START_TEST(test_has_policy)
{
    static const struct {
        const char *name;
        const char *to_mark;
        const char *to_others;
        gboolean has;
    } rows[] = {
        {"reading", "allow 0x00000004\ndeny 0x00000000\naudit 0x00000000\nquiet 0x00000000\n",
         NOTHING, TRUE},
        {"reading and more", "allow 0x0000001e\ndeny 0x00000000\n", NOTHING, TRUE},
        {"whatever looks like a mark", "allow 0x00000004\n", "allow 0x00000004\n", FALSE},
        {"nothing", "allow 0x00000000\ndeny 0x00000000\naudit 0x00000004\n", NOTHING, FALSE},
        {"writing", "allow 0x00000002\ndeny 0x00000004\n", NOTHING, FALSE},
        {"something else", "deny 0x00000004\n", NOTHING, FALSE},
        {"no number", "allow 0xyes\n", NOTHING, FALSE},
    };
    g_autoptr(Kernel) kernel = make();
    g_autofree char *mark = kernel_mark("text");

    ck_assert(!kernel_has_policy(kernel, "a", mark)); /* nobody to ask */
    put(aafs, ".access", "");
    ck_assert(!kernel_has_policy(kernel, "a", mark)); /* no answer */
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Answerer answerer;

        begin_answering(&answerer, mark, rows[i].to_mark, rows[i].to_others);
        ck_assert_msg(kernel_has_policy(kernel, "a", mark) == rows[i].has, "%s", rows[i].name);
        end_answering(&answerer);
    }
}
END_TEST

START_TEST(test_query_file)
{
    static const struct {
        const char *name;
        const char *answer; /* NULL: there is no .access */
        gboolean ok;
        guint32 allowed;
    } rows[] = {
        {"nobody to ask", NULL, FALSE, 0},
        {"no answer", "", FALSE, 0},
        {"not an answer", "deny 0x00000004\n", FALSE, 0},
        {"nothing", "allow 0x00000000\ndeny 0x00000006\n", TRUE, 0},
        {"reading and writing", "allow 0x00008006\ndeny 0x00000000\n", TRUE, 0x8006},
    };
    static const char question[] = "label\0libvirt-1\0\002/srv/a b";
    const gsize len = sizeof(question) - 1;

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Kernel) kernel = make();
        g_autoptr(GError) error = NULL;
        g_autofree char *path = g_build_filename(aafs, ".access", NULL);
        g_autofree char *room = g_strnfill(len, 'x');
        g_autofree char *whole = g_strconcat(room, rows[i].answer, NULL);
        g_autofree char *asked = NULL;
        guint32 allowed = 0;

        g_unlink(path);
        if (rows[i].answer)
            put(aafs, ".access", whole);
        ck_assert_msg(kernel_query_file(kernel, "libvirt-1", "/srv/a b", &allowed, &error) ==
                          rows[i].ok,
                      "%s", rows[i].name);
        ck_assert_msg(rows[i].ok == !error && allowed == rows[i].allowed, "%s", rows[i].name);
        if (!rows[i].answer)
            continue;
        asked = get(aafs, ".access");
        ck_assert_msg(memcmp(asked, question, len) == 0, "%s", rows[i].name);
    }
}
END_TEST

START_TEST(test_label_in_use)
{
    static const struct {
        const char *label;
        gboolean in_use;
    } rows[] = {
        {"libvirt-1", TRUE},    {"libvirt-2", TRUE},     {"libvirt-3", TRUE},
        {"old", TRUE},          {"second-thread", TRUE}, {"about-to", TRUE},
        {"old-about-to", TRUE}, {"launcher", TRUE},      {"libvirt", FALSE},
        {"libvirt-4", FALSE},   {"child", FALSE},        {"enforce", FALSE},
        {"hat", FALSE},         {"about", FALSE},        {"libvirt-1 (enforce)", FALSE},
    };
    g_autoptr(Kernel) kernel = make();
    g_autoptr(GError) error = NULL;
    gboolean in_use;

    put_threads();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        ck_assert_msg(kernel_label_in_use(kernel, rows[i].label, &in_use, &error), "%s: %s",
                      rows[i].label, error ? error->message : "");
        ck_assert_msg(in_use == rows[i].in_use, "%s", rows[i].label);
    }
}
END_TEST

/* There is a thread, and nobody knows: that is never "not in use". */
START_TEST(test_label_unknown)
{
    static const struct {
        const char *file; /* a directory is made of it, which cannot be read */
        const char *message;
    } rows[] = {
        {"30/task/31/attr/apparmor/none", "process 30 has no label to read"},
        {"30/task/31/attr/apparmor/current/x",
         "cannot read the label of process 30: Is a directory"},
        {"30/task/31/attr/apparmor/exec/x", "cannot read the label of process 30: Is a directory"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Kernel) kernel = make();
        g_autofree char *command = g_strdup_printf("rm -rf '%s'/[2-9]*", proc);
        g_autoptr(GError) error = NULL;
        KernelUnload outcome = KERNEL_UNLOADED;
        g_autofree char *removed = NULL;
        gboolean in_use;

        ck_assert_int_eq(system(command), 0);
        put(proc, rows[i].file, "");
        ck_assert_msg(!kernel_label_in_use(kernel, "a", &in_use, &error), "%s", rows[i].file);
        ck_assert_str_eq(error->message, rows[i].message);
        g_clear_error(&error);
        ck_assert_msg(!kernel_unload(kernel, "a", &outcome, &error), "%s", rows[i].file);
        ck_assert_str_eq(error->message, rows[i].message);
        ck_assert_int_eq(outcome, (int)KERNEL_STAYS);
        removed = get(aafs, ".remove");
        ck_assert_str_eq(removed, "");
    }
}
END_TEST

/* A /proc that shows only our own processes (hidepid=) shows nobody under the label. */
START_TEST(test_label_of_the_hidden)
{
    g_autoptr(Kernel) kernel = make();
    g_autofree char *command = g_strdup_printf("rm -rf '%s'/*", proc);
    g_autoptr(GError) error = NULL;
    gboolean in_use;

    ck_assert_int_eq(system(command), 0);
    put(proc, "20/task/20/attr/apparmor/current", "libvirt-1 (enforce)\n");
    ck_assert(!kernel_label_in_use(kernel, "a", &in_use, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "does not show all"));
}
END_TEST

START_TEST(test_unload)
{
    static const struct {
        const char *profile;
        KernelUnload outcome;
        const char *removed; /* what the kernel is told */
    } rows[] = {
        {"libvirt-1", KERNEL_STAYS, ""},
        {"second-thread", KERNEL_STAYS, ""},
        {"about-to", KERNEL_STAYS, ""},
        {"libvirt-4", KERNEL_UNLOADED, "libvirt-4"},
    };
    g_autoptr(Kernel) kernel = make();
    g_autoptr(GError) error = NULL;
    KernelUnload outcome = KERNEL_UNLOADED;

    put_threads();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *removed = NULL;

        ck_assert_msg(kernel_unload(kernel, rows[i].profile, &outcome, &error), "%s",
                      rows[i].profile);
        ck_assert_msg(outcome == rows[i].outcome, "%s", rows[i].profile);
        removed = get(aafs, ".remove");
        ck_assert_msg(g_str_has_prefix(removed, rows[i].removed) && (*rows[i].removed || !*removed),
                      "%s: %s", rows[i].profile, removed);
    }
    ck_assert(!kernel_unload(kernel, "a {} profile b", &outcome, &error));
    ck_assert_int_eq(outcome, (int)KERNEL_STAYS);
}
END_TEST

/* By the parser, which tells what is not loaded and what is refused. */
START_TEST(test_unload_refused)
{
    g_autoptr(Kernel) kernel = make_without_interface();
    g_autoptr(GError) error = NULL;
    KernelUnload outcome = KERNEL_STAYS;

    set_parser("echo no >&2; exit 254");
    ck_assert(kernel_unload(kernel, "a", &outcome, &error));
    ck_assert_int_eq(outcome, (int)KERNEL_WAS_NOT_LOADED);
    set_parser("echo no >&2; exit 243");
    ck_assert(!kernel_unload(kernel, "a", &outcome, &error));
    ck_assert_int_eq(outcome, (int)KERNEL_STAYS);
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_DENIED));
}
END_TEST

/*
 * Whether processes have labels, which is not the question of aa_is_enabled(): a container on a host with
 * AppArmor sees no securityfs, and labels may be another module's.
 */
static gboolean
labels_are_there(void)
{
    g_autofree char *own = NULL;

    return g_file_get_contents("/proc/self/attr/apparmor/current", &own, NULL, NULL) ||
           g_file_get_contents("/proc/self/attr/current", &own, NULL, NULL);
}

START_TEST(test_without_apparmor)
{
    g_autoptr(Kernel) kernel = kernel_new(&(KernelOptions){.parser = APPARMOR_PARSER});
    g_autoptr(GError) error = NULL;
    gboolean answer;

    if (aa_is_enabled()) {
        fprintf(stderr, "SKIP: this kernel has AppArmor\n");
        return;
    }
    ck_assert(!kernel_can_write(kernel));
    ck_assert(!kernel_has_profile(kernel, "a", &answer, &error));
    ck_assert_str_eq(error->message,
                     "cannot learn which profiles are loaded: no AppArmor in this kernel, or its "
                     "directory in securityfs is not to be seen");
    g_clear_error(&error);
    if (!labels_are_there()) {
        ck_assert(!kernel_label_in_use(kernel, "a", &answer, &error));
        ck_assert_ptr_nonnull(error);
    }
    /* What the parser says to others than root differs by version. */
    if (geteuid() == 0 && access(APPARMOR_PARSER, X_OK) == 0) {
        g_clear_error(&error);
        ck_assert(!load(kernel, TWO, KERNEL_REPLACE, &error));
        ck_assert_msg(g_str_has_prefix(error->message,
                                       "cannot replace the profile a, b in the kernel: Warning: "
                                       "unable to find a suitable fs in "),
                      "%s", error->message);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("kernel");
    TCase *tc = tcase_create("kernel");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_through_the_interface);
    tcase_add_test(tc, test_compile_then_commit);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_time_of_all_runs);
    tcase_add_test(tc, test_interface_refuses);
    tcase_add_test(tc, test_by_the_parser);
    tcase_add_test(tc, test_parser_refuses);
    tcase_add_test(tc, test_remove_what_is_not_loaded);
    tcase_add_test(tc, test_has_profile);
    tcase_add_test(tc, test_has_policy);
    tcase_add_test(tc, test_query_file);
    tcase_add_test(tc, test_label_in_use);
    tcase_add_test(tc, test_label_unknown);
    tcase_add_test(tc, test_label_of_the_hidden);
    tcase_add_test(tc, test_unload);
    tcase_add_test(tc, test_unload_refused);
    tcase_add_test(tc, test_without_apparmor);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
