package io.trustedlaunch.agent.backup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What a disk must contain, and random writes to it. */
final class ModelDisk {
    private static final int SECTOR = 512;

    private final byte[] content;
    private final Random random;

    ModelDisk(int bytes, Random random) {
        this.content = new byte[bytes];
        this.random = random;
    }

    byte[] content() {
        return content.clone();
    }

    /** Data, zeros and discards, of sectors or of megabytes, as commands of qemu-io. */
    List<String> writes() {
        List<String> commands = new ArrayList<>();
        for (int times = 1 + random.nextInt(8); times > 0; times--) {
            int sectors = content.length / SECTOR;
            int start = random.nextInt(sectors);
            int count = Math.min(sectors - start, 1 + random.nextInt(1 << random.nextInt(13)));
            commands.add(write(start * SECTOR, count * SECTOR));
        }
        return commands;
    }

    private String write(int start, int length) {
        switch (random.nextInt(4)) {
            case 0 -> {
                fill(start, length, 0);
                return "write -q -z " + start + " " + length;
            }
            case 1 -> {
                fill(start, length, 0);
                return "write -q -z -u " + start + " " + length;
            }
            default -> {
                int pattern = 1 + random.nextInt(255);
                fill(start, length, pattern);
                return "write -q -P " + pattern + " " + start + " " + length;
            }
        }
    }

    private void fill(int start, int length, int pattern) {
        Arrays.fill(content, start, start + length, (byte) pattern);
    }
}
