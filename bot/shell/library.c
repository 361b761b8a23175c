#include "shell/library.h"

#include <dlfcn.h>
#include <string.h>

/* RTLD_GLOBAL, as if we had been linked with it: some bring plugins that count on that. */
void *library_load(const char *soname, struct err *e) {
    void *library = dlopen(soname, RTLD_NOW | RTLD_GLOBAL);
    if (!library)
        err_set(e, ERR_IO, "a library cannot be loaded: %s", dlerror());
    return library;
}

bool library_function(void *library, const char *name, void *function, struct err *e) {
    void *found = dlsym(library, name);
    if (!found)
        return err_set(e, ERR_IO, "a library does not have what we need: %s", dlerror());
    memcpy(function, &found, sizeof found); /* ISO C knows no way from the address of an object to that of a function */
    return true;
}
