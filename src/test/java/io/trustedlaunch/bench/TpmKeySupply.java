package io.trustedlaunch.bench;

import io.trustedlaunch.agent.incarnation.FakeTpms;
import io.trustedlaunch.custody.EkPublicArea;
import io.trustedlaunch.testkit.EndorsementKeys;
import java.math.BigInteger;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** Any number of endorsement keys. Their factors are random: to find primes for each would cost more than all the rest. */
final class TpmKeySupply implements FakeTpms.Keys {
    private static final int BITS = 1024;
    /** A modulus with a factor that is smaller is refused. */
    private static final int SMALLEST_FACTOR = 1 << 11;

    private static final BigInteger SMALL_PRIMES = IntStream.range(2, SMALLEST_FACTOR)
            .mapToObj(BigInteger::valueOf)
            .filter(number -> number.isProbablePrime(20))
            .reduce(BigInteger.ONE, BigInteger::multiply);

    private final Random random = new Random();
    private final Map<String, String> areas = new ConcurrentHashMap<>();

    @Override
    public String make(UUID vm) {
        EkPublicArea area = EkPublicArea.of(EndorsementKeys.area(modulus()));
        areas.put(area.digest(), area.toBase64());
        return area.digest();
    }

    @Override
    public String publicAreaOf(String digest) {
        return areas.get(digest);
    }

    /** Of two numbers, since it must not be a prime. */
    private BigInteger modulus() {
        return factor().multiply(factor());
    }

    /** Two of them are large enough for a product of twice the bits. */
    private BigInteger factor() {
        BigInteger factor;
        do {
            factor = new BigInteger(BITS, random)
                    .setBit(BITS - 1)
                    .setBit(BITS - 2)
                    .setBit(0);
        } while (!factor.gcd(SMALL_PRIMES).equals(BigInteger.ONE));
        return factor;
    }
}
