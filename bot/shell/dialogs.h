/* Dialogs as the program takes them up: out of a compiled image where one fits, else out of their files.
 *
 * Reading the files of a large dialog takes some thirty milliseconds; its image is mapped, and what a talk does not touch is never read. An
 * image fits when it was made by this very build of the program out of the very same files, every byte of them, those of the folders it
 * builds on too. One that does not fit, or is damaged, or lies where others could have put it, is passed over without a word.
 *
 * An image holds pointers and is trusted as the program is. So it and its folder must belong to root, to us or to the owner of the program,
 * and nobody else may write to them. */
#ifndef SHELL_DIALOGS_H
#define SHELL_DIALOGS_H

#include "dialog/load.h"

enum { IMAGES_PATH_MAX = 4096 };

struct opened_dialog {
    const struct dialog *dialog;
    struct dialog *loaded; /* what holds it: this, when it was read from its files, */
    void *image;           /* or this, when it was not */
    size_t image_bytes;
};

/* images: the folder of the images; NULL: read the files. False, with o zeroed, when there was any problem. */
bool dialog_open(struct opened_dialog *o, const char *dir, const char *images, struct problems *problems);
/* Zeroed is fine. */
void dialog_close(struct opened_dialog *o);

/* Where images are looked for: in the folder that LIPPY_IMAGES names, else in ../lib/lippy/images from a program in a folder `bin`, else in
 * `images` beside the program. NULL when that cannot be known. */
const char *images_folder(char buffer[static IMAGES_PATH_MAX]);

/* Makes the image of a dialog and puts it in the folder, which is made where there is none; *bytes: its size. False after a problem with the
 * dialog's files, or with the reason in e. path gets the name of the image's file. */
bool dialog_compile(const char *dir, const char *images, char path[static IMAGES_PATH_MAX], size_t *bytes,
                    struct problems *problems, struct err *e);

#endif
