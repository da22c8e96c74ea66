package io.trustedlaunch.gueststate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import io.trustedlaunch.gueststate.SealedGuestState.Opening.Opened;
import io.trustedlaunch.gueststate.SealedGuestState.Opening.Refused;
import java.io.ByteArrayOutputStream;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Random damages. {@code -Dguest-state.seed=…}, with the seed that a run prints, repeats it with the
 * same keys and files.
 */
class RandomDamageTest {
    private static final String SEED = "guest-state.seed";
    private static final int CASES = 10_000;
    private static final int CASES_INSIDE = 2_000;

    private final long seed = Long.getLong(SEED, new Random().nextLong());
    private final GuestStateFixture fixture;
    private final RandomGenerator random = new Random(seed);
    private final Map<GuestStateFault, Integer> faults = new EnumMap<>(GuestStateFault.class);

    RandomDamageTest() throws NoSuchAlgorithmException {
        fixture = GuestStateFixture.of(seed);
        System.out.println("random damage: -D" + SEED + "=" + seed);
    }

    @Test
    void noDamagedFileOpens() {
        int cases = 0;
        while (cases < CASES) {
            byte[] damaged = damaged(fixture.sealed, others());
            if (!Arrays.equals(damaged, fixture.sealed)) {
                count(cases++, fixture.open(damaged));
            }
        }
        System.out.println("random damage of " + cases + " files: " + faults);
    }

    /** Compression can write the same file in several ways, so a damage may leave it as it was. */
    @Test
    void noDamageUnderTheSealChangesWhatIsOpened() {
        byte[] zip = GuestStateArchive.encode(fixture.state);
        byte[] olderZip = GuestStateArchive.encode(
                GuestStateFixture.state(GuestStateFixture.VM, GuestStateFixture.OLDER_VERSION, 2));
        for (int index = 0; index < CASES_INSIDE; index++) {
            Opening opening = fixture.openContent(damaged(zip, List.of(olderZip)));
            if (!opening.equals(new Opened(fixture.state))) {
                count(index, opening);
            }
        }
        System.out.println("random damage of " + CASES_INSIDE + " contents: " + faults);
    }

    private void count(int index, Opening opening) {
        assertThat(opening).as("case " + index + " of seed " + seed).isInstanceOf(Refused.class);
        faults.merge(((Refused) opening).fault(), 1, Integer::sum);
    }

    private List<byte[]> others() {
        return List.of(fixture.older, fixture.ofOtherVm, fixture.underOtherKey);
    }

    private byte[] damaged(byte[] file, List<byte[]> others) {
        byte[] damaged = file;
        for (int times = 1 + random.nextInt(3); times > 0; times--) {
            damaged = once(damaged, others.get(random.nextInt(others.size())));
        }
        return damaged;
    }

    private byte[] once(byte[] file, byte[] other) {
        int from = at(file.length);
        int to = Math.min(file.length, from + 1 + at(random.nextBoolean() ? 16 : file.length));
        byte[] some = new byte[1 + random.nextInt(64)];
        random.nextBytes(some);
        return switch (random.nextInt(9)) {
            case 0 -> file.length == 0 ? some : Damage.flipped(file, from, 1 << random.nextInt(8));
            case 1 -> spliced(file, from, to, some);
            case 2 -> spliced(file, from, to, new byte[to - from]);
            case 3 -> spliced(file, from, to, new byte[0]);
            case 4 -> spliced(file, from, from, some);
            case 5 -> Arrays.copyOf(file, from);
            case 6 -> spliced(file, file.length, file.length, some);
            // The same place of another file: a block that was not written, or written twice.
            case 7 ->
                spliced(
                        file,
                        from,
                        to,
                        Arrays.copyOfRange(
                                other,
                                Math.min(from, other.length),
                                Math.max(Math.min(from, other.length), Math.min(to, other.length))));
            case 8 ->
                spliced(file, from, file.length, Arrays.copyOfRange(other, Math.min(from, other.length), other.length));
            default -> throw new AssertionError();
        };
    }

    /** The beginning, where the structure is, as often as all the rest. */
    private int at(int length) {
        int bound = random.nextBoolean() ? length : Math.min(length, 220);
        return bound == 0 ? 0 : random.nextInt(bound);
    }

    private static byte[] spliced(byte[] file, int from, int to, byte[] insert) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(file, 0, from);
        out.writeBytes(insert);
        out.write(file, to, file.length - to);
        return out.toByteArray();
    }
}
