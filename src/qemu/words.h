/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef enum {
    QEMU_WORD_IMAGE,   /* no option: the image of the first disk */
    QEMU_WORD_ALONE,   /* an option without an argument */
    QEMU_WORD_OPTION,  /* an option and its argument */
    QEMU_WORD_MISSING, /* an option whose argument is missing: QEMU does not start */
} QemuWordKind;

typedef struct {
    QemuWordKind kind;
    guint at;             /* which of the words the option is */
    const char *option;   /* without its dashes; of an image: "" */
    const char *argument; /* or the image; NULL: none */
} QemuWord;

/** QemuTakes: whether @option (without dashes) has an argument: 1, 0, or -1 where that is not known. */
typedef int (*QemuTakes)(const char *option);

/**
 * qemu_words_next:
 * @words: (array length=n): the command line's words, from a begin of an option
 * @at: (inout): where to go on; 0 for the first
 * @takes: which options have arguments; of one that is not known, a word that does not begin with a dash
 *   is taken for the argument
 * @word: (out): points into @words
 * Returns: FALSE after the last
 */
gboolean
qemu_words_next(const char *const *words, guint n, guint *at, QemuTakes takes, QemuWord *word);
