// regionOf is where a number comes from as people say it: a city that is a province of its own (北京/北京) once, others as 广东 广州.
export const regionOf = (region = ''): string => [...new Set(region.split('/'))].join(' ');

// national is a number as people of this country dial it: +8613800138000 is 13800138000, +861066551234 is 01066551234. Others stay.
export const national = (value: string): string =>
  value.replace(/^\+86(?=1[3-9]\d{9}$|[48]00\d{7}$|9[56]\d{3,4}$)/, '').replace(/^\+86(?=[1-9]\d{8,10}$)/, '0');
