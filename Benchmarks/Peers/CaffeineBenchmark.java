// SPDX-License-Identifier: Apache-2.0

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Nanoseconds for a hit among a thousand hot keys that expire, in Caffeine. */
final class CaffeineBenchmark {
    public static void main(String[] arguments) {
        Cache<Object, Object> cache =
                Caffeine.newBuilder().maximumSize(100_000).expireAfterWrite(1, TimeUnit.HOURS).build();
        Random random = new Random(1);
        Object[] numbers = new Object[16_384];
        Object[] texts = new Object[16_384];
        for (int i = 0; i < 1_000; i++) {
            cache.put((long) i, new Object());
            cache.put("shop:product:i." + (1_000_000 + i), new Object());
        }
        for (int i = 0; i < numbers.length; i++) {
            int id = random.nextInt(1_000);
            numbers[i] = (long) id;
            texts[i] = "shop:product:i." + (1_000_000 + id);
        }
        // Half full at least, or it skips what it does for its policy at a hit.
        for (int i = 0; i < 60_000; i++) cache.put(-1L - i, new Object());
        System.out.printf("Caffeine, Long              %6.1f ns%n", time(cache, numbers));
        System.out.printf("Caffeine, String            %6.1f ns%n", time(cache, texts));
    }

    private static double time(Cache<Object, Object> cache, Object[] keys) {
        double[] times = new double[9];
        for (int round = 0; round < times.length; round++) {
            long start = System.nanoTime();
            int hits = 0;
            for (int repeat = 0; repeat < 100; repeat++) {
                for (Object key : keys) {
                    if (cache.getIfPresent(key) != null) hits++;
                }
            }
            times[round] = (double) (System.nanoTime() - start) / (100.0 * keys.length);
            if (hits != 100 * keys.length) throw new IllegalStateException("a hot key was evicted");
        }
        // The first rounds warm the compiler up.
        double[] warm = Arrays.copyOfRange(times, 2, times.length);
        Arrays.sort(warm);
        return warm[warm.length / 2];
    }
}
