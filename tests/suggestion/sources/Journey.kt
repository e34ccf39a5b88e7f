package com.acme.travel

import java.time.Duration
import java.time.LocalTime

data class Stop(
    val name: String,
    val arrival: LocalTime,
    val wait: Duration = Duration.ZERO,
)

sealed class Outcome {
    object Missed : Outcome()
    data class Reached(val stop: Stop, val late: Long) : Outcome()
}

/** A way through several stops. */
class Journey(private val stops: List<Stop>) {
    var delay: Long = 0
        private set

    val length: Duration
        get() = Duration.between(stops.first().arrival, stops.last().arrival)

    fun reach(name: String, now: LocalTime): Outcome {
        val stop = stops.find { it.name == name } ?: return Outcome.Missed
        val late = Duration.between(stop.arrival, now).toMinutes()
        return when {
            late > 60 -> Outcome.Missed
            late > 0 -> {
                delay += late
                Outcome.Reached(stop, late)
            }
            else -> Outcome.Reached(stop, 0)
        }
    }

    fun describe(): String = buildString {
        for ((index, stop) in stops.withIndex()) {
            append("${index + 1}. ${stop.name} (${stop.arrival})")
            if (stop.wait > Duration.ZERO) {
                append(", waits")
            } else {
                append(", goes on")
            }
            appendLine()
        }
    }

    companion object {
        fun parse(text: String): Journey = try {
            val stops = text.lines()
                .filter { it.isNotBlank() }
                .map { line ->
                    val (name, time) = line.split("@")
                    Stop(name.trim(), LocalTime.parse(time.trim()))
                }
            Journey(stops)
        } catch (error: IndexOutOfBoundsException) {
            throw IllegalArgumentException("no journey: $text", error)
        }
    }
}
