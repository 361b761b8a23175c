/* Plays inputs without libFuzzer: `fuzz_X FILE-OR-FOLDER...`. A find stops it, by a sanitizer, an assertion, or an input that takes
 * more processor time than even a slow machine needs for a large one. Empty input is played first. */
#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

#include "fuzz.h"

enum { SECONDS_MAX = 10 };

static struct {
    unsigned count;
    double slowest;
    char slowest_path[4096];
} played;

static bool play(const char *path, const uint8_t *bytes, size_t size) {
    clock_t start = clock();
    LLVMFuzzerTestOneInput(bytes, size);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (played.count++ > 0 && seconds >= played.slowest) { /* the first one also loads the dialog */
        played.slowest = seconds;
        snprintf(played.slowest_path, sizeof played.slowest_path, "%s", path);
    }
    if (seconds > SECONDS_MAX)
        fprintf(stderr, "%s took %.1f s\n", path, seconds);
    return seconds <= SECONDS_MAX;
}

static bool play_file(const char *path, size_t size) {
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = malloc(size ? size : 1);
    bool fine = f && bytes && fread(bytes, 1, size, f) == size;
    if (!fine)
        perror(path);
    fprintf(stderr, "%s\n", path); /* the last one named is the find */
    fine = fine && play(path, bytes, size);
    free(bytes);
    if (f)
        fclose(f);
    return fine;
}

static bool play_path(const char *path);

static bool play_folder(const char *path) {
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    bool fine = count >= 0;
    for (int i = 0; i < count; i++) {
        char inside[4096];
        snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            fine = play_path(inside) && fine;
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return fine;
}

static bool play_path(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0) {
        perror(path);
        return false;
    }
    return S_ISDIR(st.st_mode) ? play_folder(path) : play_file(path, (size_t)st.st_size);
}

int main(int argc, char **argv) {
    bool fine = play("no input", (const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++)
        fine = play_path(argv[i]) && fine;
    fprintf(stderr, "%u inputs, the slowest %s: %.3f s\n", played.count, played.slowest_path, played.slowest);
    return fine && played.count > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
