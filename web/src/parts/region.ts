// regionOf is where a number comes from as people say it: a city that is a province of its own (北京/北京) once, others as 广东 广州.
export const regionOf = (region = ''): string => [...new Set(region.split('/'))].join(' ');
