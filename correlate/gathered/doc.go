// Package gathered is the evidence of one alert, joined and windowed: what
// package gather returns and every later step reads. Nobody writes to it after.
package gathered
