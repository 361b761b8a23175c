#include <stdio.h>
#include <string.h>

#include "bench.h"

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "turns") == 0)
        return bench_turns(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "ws") == 0)
        return bench_ws(argc - 1, argv + 1);
    fputs("Usage: lippy-bench turns --dialog DIR --stream FILE [--sessions N] [--scale K] [--seconds S] [--unmatched]\n"
          "       lippy-bench ws --dialog DIR --stream FILE [--connections N] [--seconds S]\n"
          "turns: one thread through the engine, beside a floor that only lowers, splits and hashes 64-byte messages.\n"
          "ws:    end to end over a loopback websocket, beside a bare echo that parses and prints the same JSON.\n"
          "Each prints one line of JSON. --scale K adds K - 1 times as many generated topics as the dialog has rules, causes and\n"
          "topics; --unmatched replaces every word of the stream by one that no dialog knows.\n",
          stderr);
    return 2;
}
