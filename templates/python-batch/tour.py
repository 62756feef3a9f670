"""The shortest round trip we can find through the cities of the tz database, by many seeded starts on all CPUs.

Reads input/zone1970.tab; writes out/tour.csv (the best tour) and out/report.json. Standard library only.
"""

import csv
import json
import math
import multiprocessing
import os
import pathlib
import random
import re

EARTH_RADIUS_KM = 6371.0088
NEIGHBOURS = 12
HERE = pathlib.Path(__file__).resolve().parent


def degrees(text):
    """ISO 6709 as the table writes it: +DDMM or +DDMMSS north, +DDDMM or +DDDMMSS east."""
    digits = text[1:]
    width = 2 if len(digits) in (4, 6) else 3
    whole = int(digits[:width]) + int(digits[width : width + 2]) / 60 + int(digits[width + 2 :] or 0) / 3600
    return -whole if text[0] == "-" else whole


def cities():
    found = []
    for line in (HERE / "input/zone1970.tab").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        _, place, name = line.split("\t")[:3]
        latitude, longitude = re.fullmatch(r"([+-]\d+)([+-]\d+)", place).groups()
        found.append((name, degrees(latitude), degrees(longitude)))
    return found


def distance(a, b):
    """Great circle, in kilometres (haversine)."""
    latitude_a, latitude_b = math.radians(a[1]), math.radians(b[1])
    half_latitude = (latitude_b - latitude_a) / 2
    half_longitude = math.radians(b[2] - a[2]) / 2
    chord = math.sin(half_latitude) ** 2 + math.cos(latitude_a) * math.cos(latitude_b) * math.sin(half_longitude) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(chord))


def length(tour, between):
    return sum(between[tour[i - 1]][tour[i]] for i in range(len(tour)))


def nearest_first(start, between):
    tour, left = [start], set(range(len(between))) - {start}
    while left:
        here = between[tour[-1]]
        tour.append(min(left, key=lambda city: (here[city], city)))
        left.remove(tour[-1])
    return tour


def untangle(tour, between, near):
    """2-opt over each city's nearest neighbours, until no exchange of two legs shortens the tour."""
    count = len(tour)
    at = [0] * count
    for index, city in enumerate(tour):
        at[city] = index
    improved = True
    while improved:
        improved = False
        for city in range(count):
            index = at[city]
            after = tour[(index + 1) % count]
            leg = between[city][after]
            for other in near[city]:
                if between[city][other] >= leg:
                    break
                other_index = at[other]
                other_after = tour[(other_index + 1) % count]
                gain = leg + between[other][other_after] - between[city][other] - between[after][other_after]
                if gain > 1e-9:
                    low, high = sorted((index, other_index))
                    tour[low + 1 : high + 1] = tour[low + 1 : high + 1][::-1]
                    for moved in range(low + 1, high + 1):
                        at[tour[moved]] = moved
                    improved = True
                    break
    return tour


def kick(tour, chance):
    """Cuts the tour in four and joins the pieces in another order: out of one valley, into the next."""
    first, second, third = sorted(chance.sample(range(1, len(tour)), 3))
    return tour[:first] + tour[second:third] + tour[first:second] + tour[third:]


def search(task):
    seed, kicks = task
    chance = random.Random(seed)
    best = untangle(nearest_first(chance.randrange(len(BETWEEN)), BETWEEN), BETWEEN, NEAR)
    best_length = length(best, BETWEEN)
    for _ in range(kicks):
        tour = untangle(kick(best, chance), BETWEEN, NEAR)
        tour_length = length(tour, BETWEEN)
        if tour_length < best_length:
            best, best_length = tour, tour_length
    return best_length, seed, best


CITIES = cities()
BETWEEN = [[distance(a, b) for b in CITIES] for a in CITIES]
NEAR = [sorted(range(len(CITIES)), key=lambda other: row[other])[1 : NEIGHBOURS + 1] for row in BETWEEN]


def main():
    starts = int(os.environ.get("STARTS", "16"))
    kicks = int(os.environ.get("KICKS", "60"))
    cpus = len(os.sched_getaffinity(0))
    print(f"{len(CITIES)} cities, {starts} starts of {kicks} kicks on {cpus} CPUs", flush=True)
    results = []
    with multiprocessing.Pool(min(cpus, starts)) as pool:
        for result in pool.imap_unordered(search, [(seed, kicks) for seed in range(starts)]):
            results.append(result)
            print(f"start {len(results)}/{starts}: {result[0]:,.0f} km (seed {result[1]})", flush=True)
    best_length, seed, tour = min(results)

    out = HERE / "out"
    out.mkdir(exist_ok=True)
    with open(out / "tour.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["stop", "city", "latitude", "longitude", "km_from_last"])
        for stop, city in enumerate(tour):
            name, latitude, longitude = CITIES[city]
            rows.writerow([stop, name, f"{latitude:.4f}", f"{longitude:.4f}", f"{BETWEEN[tour[stop - 1]][city]:.1f}"])
    report = {
        "cities": len(CITIES),
        "starts": starts,
        "kicks": kicks,
        "best_km": round(best_length),
        "worst_km": round(max(results)[0]),
        "best_seed": seed,
    }
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"best: {best_length:,.0f} km, in out/tour.csv")


if __name__ == "__main__":
    main()
