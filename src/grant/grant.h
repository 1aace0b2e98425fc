/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * grant: what a profile is to allow, as a value.
 *
 * The model makes grants of what a domain's XML says, rules/ makes policy text of them, and neither
 * needs to know the other. A grant says what may be done to which path, never how a rule is spelled,
 * and it remembers the element that it comes from, so that whoever refuses it later can name that.
 */

#include <glib.h>

/* File permissions of AppArmor (apparmor.d(5)), to be combined. */
typedef enum {
    PERM_R = 1 << 0, /* read */
    PERM_W = 1 << 1, /* write, create, delete, change mode and owner */
    PERM_L = 1 << 2, /* make a hard link of this name */
    PERM_K = 1 << 3, /* lock */
    PERM_M = 1 << 4, /* map as executable */
    PERM_A =
        1 << 5, /* append; "w" would also mean to delete it, and to put something in its place */
    PERM_X = 1 << 6, /* execute, under the same profile */
} Perms;

#define PERMS_ALL (PERM_R | PERM_W | PERM_L | PERM_K | PERM_M | PERM_A | PERM_X)

typedef enum {
    GRANT_ALLOW, /* a file rule */
    GRANT_DENY_WRITE, /* deny … w, without a line in the log: QEMU tries to open it for writing first */
    GRANT_NOTE,       /* a comment: only text counts */
    GRANT_UNIX_PEER,  /* unix sockets between this label and the one in text */
    GRANT_CAPABILITY, /* the capability in text */
} GrantKind;

/* Where a grant comes from. */
typedef struct {
    const char *element; /* for messages: "disk 'vda'", "<serial>"; NULL: no element of the XML */
    guint line;          /* of that element; 0: none */
} Origin;

/*
 * One rule to be. The path is three parts in a row: a pattern, a literal that means exactly its bytes,
 * and a pattern; any may be "". Only the literal may come from XML.
 */
typedef struct {
    GrantKind kind;
    char *before;  /* pattern, of ours */
    char *literal; /* bytes */
    char *after;   /* pattern, of ours or, with --add-file and --append-file, of the caller */
    Perms perms;
    char *text; /* of a note, a label or a capability: of ours, nothing from outside; else NULL */
    char *element; /* see Origin */
    guint line;
} Grant;

/** grants_new: Returns: (transfer full) (element-type Grant): an empty list that owns what it gets */
GPtrArray *grants_new(void);

/** grants_add: appends copies of all of @grants to @to. */
void grants_add(GPtrArray *to, GPtrArray *grants);

/**
 * grant_pattern:
 * @to: (element-type Grant): where to append; the same of all that follow
 * @before: a pattern of ours, or ""
 * @literal: bytes that mean themselves, or ""
 * @after: a pattern, or ""
 * Returns: (transfer none): the grant, which @to owns; for grant_set_origin()
 *
 * Allows @perms for the paths that the three match in a row.
 */
Grant *grant_pattern(GPtrArray *to, const char *before, const char *literal, const char *after,
                     Perms perms);

/** grant_literal: allows @perms for exactly @path. */
Grant *grant_literal(GPtrArray *to, const char *path, Perms perms);

/** grant_deny_write: denies writing, without a line in the log, to the paths that the three match in a row. */
Grant *grant_deny_write(GPtrArray *to, const char *before, const char *literal, const char *after);

/** grant_unix_peer: allows unix stream sockets between the rule's profile and @label. */
Grant *grant_unix_peer(GPtrArray *to, const char *label);

/** grant_capability: allows a capability, as AppArmor calls it: "sys_admin". */
Grant *grant_capability(GPtrArray *to, const char *name);

/** grant_note: a comment; @text is one line, of ours. */
Grant *grant_note(GPtrArray *to, const char *text);

/** grant_set_origin: keeps a copy of @origin. */
void grant_set_origin(Grant *grant, Origin origin);

/** grant_copy: Returns: (transfer full): the same grant with the same origin */
Grant *grant_copy(const Grant *grant);

/** grant_equal: whether the two make the same rule; where they come from does not count. */
gboolean grant_equal(const Grant *a, const Grant *b);

/**
 * grant_covers:
 * Whether everything that @b allows is certainly allowed by @a as well, so that a profile with @a does
 * not change by @b.
 *
 * Errs to FALSE: whoever believes a wrong TRUE leaves out a rule that a VM needs. TRUE for a grant that
 * is the same but for permissions that @a has besides, and for a literal path below a directory of which
 * @a allows everything, in one of three spellings: slash and {,**}, slash and **, slash and *. As the
 * parser of apparmor.d(5) reads them, only the first allows the directory itself, and the last ends at
 * the next slash. What denies is covered by nothing but itself.
 */
gboolean grant_covers(const Grant *a, const Grant *b);

void grant_free(Grant *grant);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Grant, grant_free)
