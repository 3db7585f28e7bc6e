/** Expressions of MongoDB that this subset refuses by name; any other unknown name is MongoDB's own error. */
export const UNSUPPORTED_EXPRESSIONS: ReadonlySet<string> = new Set(
  `$accumulator $acos $acosh $allElementsTrue $anyElementTrue $asin $asinh $atan $atan2 $atanh $binarySize $bitAnd
  $bitNot $bitOr $bitXor $bottom $bottomN $bsonSize $cos $cosh $covariancePop $covarianceSamp $dateAdd $dateDiff
  $dateFromParts $dateFromString $dateSubtract $dateToParts $dateTrunc $degreesToRadians $denseRank
  $derivative $documentNumber $exp $expMovingAvg $firstN $function $getField $indexOfArray $indexOfBytes $indexOfCP
  $integral $isoDayOfWeek $isoWeek $isoWeekYear $lastN $linearFill $ln $locf $log $log10 $ltrim $maxN $median $meta
  $minMaxScaler $minN $percentile $pow $radiansToDegrees $rand $rank $regexFind $regexFindAll $regexMatch $replaceAll
  $replaceOne $rtrim $sampleRate $setDifference $setEquals $setField $setIntersection $setIsSubset $shift
  $sigmoid $sin $sinh $sortArray $sqrt $stdDevPop $stdDevSamp $strcasecmp $strLenBytes $substr $substrBytes $tan $tanh
  $toDecimal $toHashedIndexKey $toUUID $top $topN $trim $trunc $tsIncrement $tsSecond $unsetField $week $zip
  $setUnion $split $convert $toDate $encStrStartsWith $abs $arrayToObject $avg $ceil $concat $count $dateToString
  $dayOfMonth $dayOfWeek $dayOfYear $divide $floor $hour $max $millisecond $min $minute $mod $month $objectToArray $push $addToSet
  $range $reduce $reverseArray $round $second $slice $strLenCP $substrCP $sum $toBool $toDouble $toInt $toLong
  $toLower $toObjectId $toString $toUpper $year`
    .split(/\s+/)
    .filter(Boolean),
);
