package io.trustedlaunch.bootlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Logs that a hostile guest makes of its real one, by bytes and by events. */
class MutatedLogTest {
    private static final int MUTANTS = 1500;
    private static final int[] TYPES = {3, 4, 5, 6, 8, 0xd, 0x80000001, 0x80000002, 0x80000003, 0x80000007, 0x800000e0};

    /** {@code -Dbootlog.seed=…}, with the seed that a run prints, repeats it; {@code -Dbootlog.mutants=N} plays more. */
    @ParameterizedTest
    @FieldSource("io.trustedlaunch.bootlog.Logs#REAL")
    void aMutatedLogSaysTheSameOrNothing(String name) {
        long seed = Long.getLong("bootlog.seed", new Random().nextLong());
        int mutants = Integer.getInteger("bootlog.mutants", MUTANTS);
        System.out.println("mutated logs: -Dbootlog.seed=" + seed);
        Random random = new Random(seed);
        FactsOfAnyLog any = new FactsOfAnyLog(name);
        int logs = 0;
        for (int mutant = 0; mutant < mutants; mutant++) {
            byte[] bytes = random.nextBoolean() ? ofBytes(name, random) : ofEvents(name, random);
            try {
                logs += any.check(bytes) ? 1 : 0;
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("mutant " + mutant + " of -Dbootlog.seed=" + seed, e);
            }
        }
        assertThat(logs).as("mutants that are logs").isBetween(mutants / 2, mutants - 1);
    }

    private static byte[] ofBytes(String name, Random random) {
        byte[] bytes = Logs.bytes(name);
        for (int change = random.nextInt(3); change >= 0; change--) {
            int at = random.nextInt(bytes.length);
            if (random.nextInt(8) == 0) {
                bytes = Arrays.copyOf(bytes, at + 1);
            } else {
                bytes[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : bytes[at] ^ 1 << random.nextInt(8));
            }
        }
        return bytes;
    }

    private static byte[] ofEvents(String name, Random random) {
        List<Event> events = new ArrayList<>(Logs.log(name).events());
        for (int change = random.nextInt(6); change >= 0; change--) {
            int at = random.nextInt(events.size());
            Event event = events.get(at);
            Event other = events.get(random.nextInt(events.size()));
            switch (random.nextInt(9)) {
                case 0 -> events.remove(at);
                case 1 -> events.add(at, other);
                case 2 -> Collections.swap(events, at, random.nextInt(events.size()));
                case 3 -> events.set(at, with(event, TYPES[random.nextInt(TYPES.length)], event.data()));
                case 4 -> events.set(at, with(event, event.type(), other.data()));
                case 5 -> events.set(at, with(event, other.type(), changed(event.data(), random)));
                case 6 -> events.set(at, with(event, event.type(), new byte[0]));
                case 7 -> events.set(at, new Event(random.nextInt(16), event.type(), event.sha256(), event.data()));
                default -> events.add(at, with(other, 3, other.data()));
            }
        }
        return Logs.bytes(events);
    }

    private static Event with(Event event, int type, byte[] data) {
        return new Event(event.pcr(), type, event.sha256(), data);
    }

    private static byte[] changed(byte[] data, Random random) {
        byte[] changed = Arrays.copyOf(data, Math.max(1, data.length + random.nextInt(3) - 1));
        changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
        return changed;
    }
}
