/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * compiler: runs apparmor_parser, the only compiler of policy text, and nothing else.
 *
 * The text goes in as standard input and never as a file: what is compiled is what the caller
 * holds, whatever happens to files meanwhile. (The parser's "disable" and "force-complain"
 * directories go by the file's name, so they do not reach text that comes this way.) Standard
 * input, output and error are memory files, so that no order of reading and writing can block
 * either side.
 */

typedef struct {
    const char *parser;      /* path of apparmor_parser */
    const char *include_dir; /* (nullable): searched for <includes> before the system's directory */
    guint limit_ms;          /* how long all runs may take together (pace.h); 0: LIMIT_PARSER_MS */
    gint64 spent_us;         /* that they have taken so far: compiler_run() adds to it */
    gboolean complain; /* compile all profiles of the text in complain mode, as the parser does
                          itself for a file that it finds in its directory force-complain */
} Compiler;

/* The parser is also what loads, where the kernel's interface is not for us to write. */
typedef enum {
    COMPILER_COMPILE, /* text in, binary out; needs no privilege and no AppArmor in the kernel */
    COMPILER_ADD,     /* binary in, to the kernel; refused if a profile of the name is loaded */
    COMPILER_REPLACE, /* the same, in place of what is loaded under the names */
    COMPILER_REMOVE,  /* text in; the profile that it names is unloaded */
} CompilerJob;

typedef struct {
    GBytes *binary;   /* (nullable) (owned): what the kernel takes; only of COMPILER_COMPILE */
    char *warnings;   /* (nullable) (owned): what the parser says although it succeeded */
    int kernel_errno; /* of the kernel, if it refused, else 0; set also on failure */
} CompilerResult;

/** compiler_result_clear: frees what @result owns. */
void compiler_result_clear(CompilerResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CompilerResult, compiler_result_clear)

/**
 * compiler_run:
 * @input: what @job takes; several profiles in one binary reach the kernel in one write
 * @len: of @input, in bytes
 * @result: (out caller-allocates): to be cleared whatever comes of it
 *
 * Text that does not compile is BASE_ERROR_POLICY, with the parser's own message. A parser that is
 * not there, cannot be executed, is killed, has no time left (it is then killed), uses more memory or
 * writes more than base/limits.h allows, or succeeds without compiled policy has a message of its own.
 *
 * The parser sees no variable but PATH, so its messages are in English, and no descriptor but
 * three.
 */
gboolean compiler_run(Compiler *compiler, CompilerJob job, const char *input, gsize len,
                      CompilerResult *result, GError **error);
